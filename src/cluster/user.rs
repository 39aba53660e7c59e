//! The operating-system user that the server runs as. Postgres refuses to run as root, so root picks another.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::process::Stdio;

use nix::unistd::{User, geteuid};
use tokio::process::Command;

use super::error::{ClusterError, at};

/// The operating-system user that the server runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServerUser {
    /// The user of this process.
    Myself,
    /// An unprivileged user, while this process is root's.
    Other { uid: u32, gid: u32 },
}

impl ServerUser {
    /// The user for a cluster that does not exist yet.
    pub(super) fn for_new_cluster() -> Result<Self, ClusterError> {
        if !geteuid().is_root() {
            return Ok(Self::Myself);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self::Other { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
            .ok_or(ClusterError::NoUser)
    }

    /// The user of an existing cluster: for root the directory's owner, whoever would be chosen today.
    pub(super) fn owning(directory: &Metadata) -> Result<Self, ClusterError> {
        if geteuid().is_root() && directory.uid() != 0 {
            return Ok(Self::Other { uid: directory.uid(), gid: directory.gid() });
        }
        Self::for_new_cluster()
    }

    /// Makes `path` the property of this user.
    pub(super) fn own(self, path: &Path) -> Result<(), ClusterError> {
        match self {
            Self::Myself => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid)).map_err(at(path)),
        }
    }

    /// Whether this user can get to `directory`. Tried, not computed: mode bits do not know of ACLs and
    /// mounts.
    pub(super) async fn reaches(self, directory: &Path) -> bool {
        let tried = self.command("/bin/sh", directory).args(["-c", ":"]).status().await;
        tried.is_ok_and(|status| status.success())
    }

    /// A command that runs as this user in `directory`. It inherits nothing but the search path: neither
    /// `PG*` variables that change what a server does, nor our secrets, which a superuser's SQL could read in
    /// `/proc/self/environ`.
    pub(super) fn command(self, program: impl AsRef<OsStr>, directory: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", search_path());
        // English messages; and without it macOS starts a thread in the server, which then refuses to run.
        command.env("LC_ALL", "C");
        command.current_dir(directory).stdin(Stdio::null());
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        command
    }
}

/// Where this machine's programs are.
#[expect(clippy::disallowed_methods, reason = "the machine's own variable, no setting of ours")]
pub(super) fn search_path() -> OsString {
    env::var_os("PATH").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_server_gets_none_of_our_environment() {
        let user = ServerUser::for_new_cluster().unwrap();
        let output = user.command("env", Path::new("/")).output().await.unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        let mut names: Vec<_> = output.lines().map(|line| line.split('=').next().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["LC_ALL", "PATH"]);
    }
}
