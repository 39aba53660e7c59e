//! The local chat's memory across restarts: one JSON object a line, appended as it happens.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};

/// An open journal.
#[derive(Debug)]
pub(super) struct Journal(File);

impl Journal {
    /// Opens the journal, or begins one, and shows `replay` what it holds. A line that cannot be read (a process was killed
    /// while it wrote) is passed over.
    pub(super) fn open<T: DeserializeOwned>(path: &Path, mut replay: impl FnMut(T)) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        let mut lines = BufReader::new(&file);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            if let Ok(entry) = serde_json::from_slice(&line) {
                replay(entry);
            }
            line.clear();
        }
        end_broken_line(&mut file)?;
        Ok(Self(file))
    }

    /// Adds a line. It survives the process from here on; no `fsync`, so not a power cut.
    pub(super) fn append(&mut self, entry: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}

/// What is appended next must not become the end of a broken line.
fn end_broken_line(file: &mut File) -> io::Result<()> {
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last == [b'\n'] { Ok(()) } else { file.write_all(b"\n") }
}

#[cfg(test)]
mod tests {
    use super::{super::scratch::Scratch, *};

    fn lines(path: &Path) -> (Vec<u32>, Journal) {
        let mut seen = Vec::new();
        let journal = Journal::open(path, |number| seen.push(number)).expect("a journal");
        (seen, journal)
    }

    #[test]
    fn what_was_appended_is_there_again_and_a_broken_last_line_spoils_nothing() {
        let scratch = Scratch::new();
        let path = scratch.path().join("journal");
        let (seen, mut journal) = lines(&path);
        assert!(seen.is_empty());
        journal.append(&1).expect("to append");
        journal.append(&2).expect("to append");
        drop(journal);
        File::options()
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(b"{\"mess"))
            .expect("to write");

        let (seen, mut journal) = lines(&path);
        assert_eq!(seen, [1, 2]);
        journal.append(&3).expect("to append");
        assert_eq!(lines(&path).0, [1, 2, 3]);
    }
}
