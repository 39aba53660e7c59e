//! The key that `dev` seals stored secrets with: made at the first start, and the same ever after.

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process,
};

use anyhow::Context as _;
use brain::seal;
use secrecy::{ExposeSecret, SecretString};

use crate::home;

/// The file that holds it, readable by its owner only.
const FILE: &str = "encryption-key";

/// The key in `home`, made where there is none.
///
/// # Errors
/// When the file cannot be read or written.
pub(crate) fn own(home: &Path) -> anyhow::Result<SecretString> {
    let path = home.join(FILE);
    let key = fs::read_to_string(&path).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => make(home, &path),
        _ => Err(error),
    });
    let key =
        key.with_context(|| format!("the key of stored secrets is not to be had from {}", path.display()))?;
    Ok(SecretString::from(key))
}

/// Whole or not at all, and never over one that is there: what it has sealed would be lost.
fn make(home: &Path, path: &Path) -> io::Result<String> {
    home::open(home)?;
    let unfinished = home.join(format!("{FILE}-{}", process::id()));
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(seal::new_key().expose_secret().as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&unfinished, path);
    fs::remove_file(&unfinished)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        // Another process may have been quicker: its key counts.
        _ => fs::read_to_string(path),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use brain::config::EncryptionConfig;

    use super::*;

    #[test]
    fn it_is_made_once_for_nobody_else_to_read() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().join("new");
        let key = own(&home).unwrap();
        assert_eq!(own(&home).unwrap().expose_secret(), key.expose_secret());
        assert_eq!(fs::metadata(home.join(FILE)).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&home).unwrap().count(), 1, "nothing else is left behind");
        let env = [("ENCRYPTION_KEY", key.expose_secret())].into_iter().collect();
        assert!(EncryptionConfig::from_env(&env).is_ok());
        assert_ne!(own(&home.join("other")).unwrap().expose_secret(), key.expose_secret());
    }

    #[test]
    fn one_that_cannot_be_read_is_not_replaced() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(FILE)).unwrap();
        assert!(own(home.path()).unwrap_err().to_string().contains(FILE));
        assert!(home.path().join(FILE).is_dir());
    }
}
