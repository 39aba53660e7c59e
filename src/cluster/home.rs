//! The directory in which a cluster lives, and the user who runs it.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rand::distr::{Alphanumeric, SampleString};

use super::error::{ClusterError, at};
use super::user::ServerUser;

/// Where root's clusters go whose own directory the server's user cannot reach. `/var/tmp` only where there
/// is no `/var/lib` (macOS), because it may be swept of what was not used for a month.
const ELSEWHERE: [&str; 2] = ["/var/lib", "/var/tmp"];

/// The directory in which a cluster lives.
///
/// It is ours. What is the server's lies in `server`, so that root never writes in a directory of another
/// user, who could have put links there.
#[derive(Debug)]
pub(super) struct Home {
    /// Absolute, without links.
    pub(super) path: PathBuf,
    /// Runs the server.
    pub(super) user: ServerUser,
}

impl Home {
    /// The home of `dir`'s cluster, `dir/postgres`, made where it does not exist. That name is a link to a
    /// place elsewhere if the server's user cannot reach `dir` (root's work below `/root`, usually). Deleting
    /// `dir` therefore always means to start anew, and a moved `dir` keeps its data.
    pub(super) async fn open(dir: &Path) -> Result<Self, ClusterError> {
        fs::create_dir_all(dir).map_err(at(dir))?;
        let dir = dir.canonicalize().map_err(at(dir))?;
        let name = dir.join("postgres");
        if !name.exists() {
            let user = ServerUser::for_new_cluster()?;
            let reached = user.reaches(&dir).await;
            make(&dir, &name, reached)?;
        }
        let path = name.canonicalize().map_err(at(&name))?;
        let server = path.join("server");
        let user = ServerUser::owning(&fs::metadata(&server).map_err(at(&server))?)?;
        user.own(&server)?;
        close(&path, &server).map_err(at(&path))?;
        Ok(Self { path, user })
    }

    /// The server's own directory, closed to everybody else. Its socket is there.
    pub(super) fn server(&self) -> PathBuf {
        self.path.join("server")
    }

    /// The data directory.
    pub(super) fn data(&self) -> PathBuf {
        self.server().join("data")
    }

    /// What `initdb` and the server have said since the last start.
    pub(super) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// An empty log. Nobody else's to read: the server notes statements in it.
    pub(super) fn new_log(&self) -> Result<File, ClusterError> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(self.log()).map_err(at(self.log()))
    }
}

/// Makes the home under `name`: in `dir`, or elsewhere if its user does not reach that.
fn make(dir: &Path, name: &Path, reached: bool) -> Result<(), ClusterError> {
    let directory = File::open(dir).map_err(at(dir))?;
    // One maker at a time. Some network file systems cannot lock directories: of two first starts at once,
    // one may fail there.
    let _ = directory.lock();
    if name.exists() {
        return Ok(());
    }
    if name.is_symlink() {
        // What it led to is gone.
        fs::remove_file(name).map_err(at(name))?;
    }
    // Complete before it has its name, should we be killed in between.
    let parent = if reached { dir } else { elsewhere() };
    let place = parent.join(format!("pykhbrain-{}", Alphanumeric.sample_string(&mut rand::rng(), 10)));
    directories(&place).map_err(at(&place))?;
    if reached { fs::rename(&place, name) } else { symlink(&place, name) }.map_err(at(name))
}

fn directories(place: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(place)?;
    DirBuilder::new().mode(0o700).create(place.join("server"))?;
    // To be passed through by the server's user, not to be read; whatever the umask says.
    fs::set_permissions(place, Permissions::from_mode(0o711))
}

/// Closes what an earlier start may have left open. The data directory is Postgres's to look after, and what was downloaded is no
/// secret, and the server's user runs it.
fn close(path: &Path, server: &Path) -> io::Result<()> {
    fs::set_permissions(server, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::set_permissions(entry.path(), Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

fn elsewhere() -> &'static Path {
    let place = ELSEWHERE.into_iter().map(Path::new).find(|place| place.is_dir());
    place.unwrap_or(Path::new("/tmp"))
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    #[test]
    fn two_makers_at_once_make_one_home() {
        for _ in 0..200 {
            let dir = tempfile::tempdir().unwrap();
            let name = dir.path().join("postgres");
            let together = Barrier::new(2);
            let making = || {
                together.wait();
                make(dir.path(), &name, true)
            };
            thread::scope(|scope| {
                let other = scope.spawn(making);
                making().unwrap();
                other.join().unwrap().unwrap();
            });
        }
    }
}
