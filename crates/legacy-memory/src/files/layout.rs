//! Which folders of a directory hold old memory, and what their files are.
//!
//! Folders are known by the files in them, so every layout is found the same way: one chat (`memory/*.json`), a folder for each
//! account (`memory/account_<id>/*.json`), both, and either one level down.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::reader::LegacyReader;

/// How deep folders are looked into: `DIR/anything/memory/account_1`.
const DEPTH: usize = 3;

/// What a file holds. In the order in which the same message counts as that of the first file that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `whole_history`, `mid_term`, `short_term`, `chat_history`: rows are messages.
    Messages,
    /// `history_context`: rows are facts.
    Facts,
    /// `rules`, `bot_rules`.
    Rules,
    /// `ai_settings`, `ai_config`: one object.
    Settings,
    /// `temporary_accounts`.
    Temporary,
    /// `accounts`: rows that mean nothing here.
    Accounts,
}

const NAMES: [(&str, Kind); 11] = [
    ("whole_history.json", Kind::Messages),
    ("mid_term.json", Kind::Messages),
    ("short_term.json", Kind::Messages),
    ("chat_history.json", Kind::Messages),
    ("history_context.json", Kind::Facts),
    ("rules.json", Kind::Rules),
    ("bot_rules.json", Kind::Rules),
    ("ai_settings.json", Kind::Settings),
    ("ai_config.json", Kind::Settings),
    ("temporary_accounts.json", Kind::Temporary),
    ("accounts.json", Kind::Accounts),
];

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyFile {
    /// Where it is.
    pub path: PathBuf,
    /// The same, from the directory that was looked through.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Its size in bytes.
    pub size: u64,
}

impl LegacyFile {
    /// Opens it for reading.
    ///
    /// # Errors
    /// When it cannot be opened, or is not the file that was found.
    pub fn open(&self) -> io::Result<LegacyReader<fs::File>> {
        // It may have been exchanged for a link since.
        if !fs::symlink_metadata(&self.path)?.is_file() {
            return Err(io::Error::other("it is no file any more"));
        }
        Ok(LegacyReader::new(fs::File::open(&self.path)?))
    }
}

/// One account's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The path from the directory that was looked through; `.` for itself.
    pub name: String,
    /// The number in `account_<id>`; it says nothing about accounts here.
    pub old_account: Option<i64>,
    /// Its files, messages first.
    pub files: Vec<LegacyFile>,
}

/// A file that is left alone, and why.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// The path from the directory that was looked through.
    pub file: String,
    /// The reason.
    pub reason: &'static str,
}

/// What a directory holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Folders with memory, by name.
    pub folders: Vec<Folder>,
    /// Files that are left alone.
    pub skipped: Vec<Skipped>,
}

/// Looks through a directory. Links are never followed, so nothing outside of it is read.
///
/// # Errors
/// When the directory or one of its folders cannot be read.
pub fn find(dir: &Path) -> io::Result<Found> {
    let mut found = Found::default();
    let root = fs::canonicalize(dir)?;
    look(&root, &root, 0, &mut found)?;
    attach_configs(&mut found);
    found.folders.sort_by(|a, b| a.name.cmp(&b.name));
    found.skipped.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(found)
}

fn look(root: &Path, dir: &Path, depth: usize, found: &mut Found) -> io::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = name_within(root, &path);
        if kind.is_symlink() {
            found.skipped.push(Skipped { file: name, reason: "a link: links are not followed" });
        } else if kind.is_dir() {
            if depth < DEPTH {
                look(root, &path, depth + 1, found)?;
            } else {
                found.skipped.push(Skipped { file: name, reason: "too deep: give its folder itself" });
            }
        } else if !kind.is_file() {
            found.skipped.push(Skipped { file: name, reason: "not a regular file" });
        } else {
            match known(&entry.file_name().to_string_lossy()) {
                Ok(kind) => files.push(LegacyFile { size: entry.metadata()?.len(), path, name, kind }),
                Err(Some(reason)) => found.skipped.push(Skipped { file: name, reason }),
                Err(None) => {}
            }
        }
    }
    if files.is_empty() {
        return Ok(());
    }
    files.sort_by_key(|file| (file.kind, place(&file.name)));
    found.folders.push(Folder { name: name_within(root, dir), old_account: old_account(dir), files });
    Ok(())
}

/// `config/ai_config.json` stands beside `memory/`, and belongs to the memory of one chat that is in there.
fn attach_configs(found: &mut Found) {
    let is_config = |folder: &Folder| {
        folder.files.iter().all(|file| file.kind == Kind::Settings)
            && Path::new(&folder.name).file_name().is_some_and(|name| name == "config")
    };
    let (configs, mut folders): (Vec<_>, Vec<_>) =
        std::mem::take(&mut found.folders).into_iter().partition(is_config);
    for config in configs {
        let beside = Path::new(&config.name).parent().unwrap_or(Path::new("")).to_path_buf();
        let of = |folder: &Folder| {
            folder.old_account.is_none()
                && (Path::new(&folder.name) == beside.join("memory")
                    || Path::new(&folder.name) == beside
                    || (folder.name == "." && beside == Path::new("")))
        };
        match folders.iter_mut().find(|folder| of(folder)) {
            Some(folder) => folder.files.extend(config.files),
            None => found.skipped.extend(
                config
                    .files
                    .into_iter()
                    .map(|file| Skipped { file: file.name, reason: "settings without a memory beside them" }),
            ),
        }
    }
    found.folders = folders;
}

/// What a file's name says: its kind, or why it is left alone, or nothing at all where it is no memory file.
fn known(name: &str) -> Result<Kind, Option<&'static str>> {
    if let Some((_, kind)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(*kind);
    }
    let lower = name.to_ascii_lowercase();
    if lower.ends_with(".json.migrated") {
        return Err(Some("left over from an earlier migration"));
    }
    let is_json = Path::new(&lower).extension().is_some_and(|extension| extension == "json");
    Err(is_json.then_some("not a memory file by its name"))
}

fn place(name: &str) -> usize {
    let file = name.rsplit('/').next().unwrap_or(name);
    NAMES.iter().position(|(known, _)| *known == file).unwrap_or(NAMES.len())
}

fn old_account(dir: &Path) -> Option<i64> {
    dir.file_name()?.to_str()?.strip_prefix("account_")?.parse().ok()
}

fn name_within(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".into(),
        Ok(rest) => rest.to_string_lossy().into_owned(),
        Err(_) => path.to_string_lossy().into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/legacy").join(name)
    }

    fn folders(dir: &Path) -> Vec<(String, Option<i64>, usize)> {
        let found = find(dir).expect("it can be read");
        found
            .folders
            .into_iter()
            .map(|folder| (folder.name, folder.old_account, folder.files.len()))
            .collect()
    }

    #[test]
    fn one_chat_is_found_from_the_folder_above_and_from_its_own() {
        assert_eq!(folders(&sample("single")), [("memory".into(), None, 6)]);
        assert_eq!(folders(&sample("single/memory")), [(".".into(), None, 5)]);
        assert_eq!(folders(&sample("")), folders_of_all());
    }

    fn folders_of_all() -> Vec<(String, Option<i64>, usize)> {
        vec![
            ("accounts/memory/account_0".into(), Some(0), 3),
            ("accounts/memory/account_1".into(), Some(1), 9),
            ("damaged/memory".into(), None, 3),
            ("single/memory".into(), None, 6),
        ]
    }

    #[test]
    fn leftovers_are_named_and_left_alone() {
        let skipped = find(&sample("accounts")).expect("it can be read").skipped;
        assert_eq!(skipped.len(), 1);
        assert_eq!(skipped[0].file, "memory/account_0/mid_term.json.migrated");
    }

    #[test]
    fn links_are_not_followed() {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = tempfile::NamedTempFile::new().expect("a file");
        std::os::unix::fs::symlink(secret.path(), dir.path().join("short_term.json")).expect("a link");
        std::os::unix::fs::symlink(sample("single"), dir.path().join("memory")).expect("a link");
        let found = find(dir.path()).expect("it can be read");
        assert!(found.folders.is_empty());
        assert_eq!(found.skipped.len(), 2);
    }

    #[test]
    fn messages_come_first_and_the_whole_history_before_its_parts() {
        let found = find(&sample("single")).expect("it can be read");
        let names: Vec<_> = found.folders[0].files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "memory/whole_history.json",
                "memory/mid_term.json",
                "memory/short_term.json",
                "memory/history_context.json",
                "memory/rules.json",
                "config/ai_config.json"
            ]
        );
    }
}
