//! Makes the data directory, whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use rand::distr::{Alphanumeric, SampleString};

use super::Profile;
use super::binaries::Binaries;
use super::error::{ClusterError, at};
use super::home::Home;
use super::leash::Leash;
use super::server::SUPERUSER;

/// The name of a data directory in the making begins with this.
const UNFINISHED: &str = "unfinished-";

/// The major version that wrote the home's data, or nothing where there is no data yet.
pub(super) fn written_by(home: &Home) -> Result<Option<u32>, ClusterError> {
    let data = home.data();
    if !data.exists() {
        return Ok(None);
    }
    let path = data.join("PG_VERSION");
    let text = fs::read_to_string(&path).map_err(at(&path))?;
    let major = text.trim().parse();
    major.map(Some).map_err(|error| at(&path)(io::Error::new(io::ErrorKind::InvalidData, error)))
}

/// The password that the data was made with.
pub(super) fn password(home: &Home) -> Result<String, ClusterError> {
    let path = password_file(home);
    fs::read_to_string(&path).map_err(at(&path))
}

/// Makes the data directory under another name and renames it when it is complete, and returns the password.
pub(super) async fn make(
    home: &Home,
    binaries: &Binaries,
    profile: Profile,
    log: &File,
) -> Result<String, ClusterError> {
    sweep(home)?;
    let password = Alphanumeric.sample_string(&mut rand::rng(), 32);
    write_password(home, &password)?;
    // A name that no `initdb` has had: one that was left behind may still be busy removing its own.
    let name = format!("{UNFINISHED}{}", Alphanumeric.sample_string(&mut rand::rng(), 10));
    let unfinished = home.server().join(name);
    // Texts compare by code point everywhere. Older systems do not know that locale by its UTF-8 name.
    for locale in ["C.UTF-8", "C"] {
        let mut arguments: Vec<OsString> = vec![
            "--pgdata".into(),
            unfinished.clone().into(),
            "--pwfile".into(),
            password_file(home).into(),
            format!("--username={SUPERUSER}").into(),
            format!("--locale={locale}").into(),
            "--encoding=UTF8".into(),
            "--auth=scram-sha-256".into(),
            "--no-instructions".into(),
        ];
        if profile == Profile::Throwaway {
            arguments.push("--no-sync".into());
        }
        let initdb = binaries.dir.join("initdb");
        let status = Leash::spawn(home, &initdb, arguments, log)?.end().await.map_err(at(&initdb))?;
        if status.success() {
            fs::rename(&unfinished, home.data()).map_err(at(&unfinished))?;
            return Ok(password);
        }
    }
    Err(ClusterError::Failed { program: "initdb", log: home.log() })
}

/// Removes what starts that were killed have left.
fn sweep(home: &Home) -> Result<(), ClusterError> {
    let server = home.server();
    for entry in fs::read_dir(&server).map_err(at(&server))?.flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            // One that cannot be removed now is in nobody's way, and the next start tries again.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

fn write_password(home: &Home, password: &str) -> Result<(), ClusterError> {
    let path = password_file(home);
    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(password.as_bytes())).map_err(at(&path))?;
    // `initdb` reads it.
    home.user.own(&path)
}

fn password_file(home: &Home) -> PathBuf {
    home.path.join("password")
}
