//! The directory in which `dev` keeps what is its own, closed to everybody else, also where an earlier start has left it open.

use std::{
    fs::{self, DirBuilder, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use nix::unistd::geteuid;

const FILE: u32 = 0o600;
const DIRECTORY: u32 = 0o700;
/// Root's server runs as another user, who has to pass through to its own directory; nothing can be listed or read by it.
const PASSED_THROUGH: u32 = 0o711;
/// Where the cluster lives, which has rules of its own (`cluster/home.rs`).
const CLUSTER: &str = "postgres";

/// Makes the directory where it does not exist, and closes it with everything in it.
pub(crate) fn open(home: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(DIRECTORY).create(home)?;
    let home = home.canonicalize()?;
    set_mode(&home, if geteuid().is_root() { PASSED_THROUGH } else { DIRECTORY })?;
    close(&home, &|entry| entry.file_name() != CLUSTER)
}

/// Writes a file that nobody else reads.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::options().write(true).create(true).truncate(true).mode(FILE).open(path)?;
    file.write_all(text.as_bytes())
}

/// Links are left alone: what they lead to is not ours.
fn close(directory: &Path, is_ours: &dyn Fn(&fs::DirEntry) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if !is_ours(&entry) {
            continue;
        }
        if kind.is_dir() {
            set_mode(&entry.path(), DIRECTORY)?;
            close(&entry.path(), &|_| true)?;
        } else if kind.is_file() {
            set_mode(&entry.path(), FILE)?;
        }
    }
    Ok(())
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use super::*;

    #[test]
    fn what_an_earlier_start_has_left_open_is_closed_and_what_a_link_leads_to_is_not_touched() {
        let elsewhere = tempfile::tempdir().unwrap();
        let (outside, home) = (elsewhere.path().join("outside"), elsewhere.path().join("home"));
        fs::write(&outside, "").unwrap();
        fs::create_dir_all(home.join("old/deep")).unwrap();
        for file in ["address", "local-chat.jsonl", "old/deep/file"] {
            fs::write(home.join(file), "").unwrap();
            set_mode(&home.join(file), 0o644).unwrap();
        }
        for directory in ["", "old", "old/deep"] {
            set_mode(&home.join(directory), 0o755).unwrap();
        }
        set_mode(&outside, 0o644).unwrap();
        symlink(&outside, home.join("link")).unwrap();

        open(&home).unwrap();

        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        for file in ["address", "local-chat.jsonl", "old/deep/file"] {
            assert_eq!(mode(&home.join(file)), FILE, "{file}");
        }
        for directory in ["old", "old/deep"] {
            assert_eq!(mode(&home.join(directory)), DIRECTORY, "{directory}");
        }
        assert_eq!(mode(&home) & 0o066, 0, "nobody else reads or writes it");
        assert_eq!(mode(&outside), 0o644);
    }
}
