//! The directory in which a cluster lives, and the user who owns it.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

use rand::distr::{Alphanumeric, SampleString};

use super::error::{ClusterError, at};
use super::user::ServerUser;

/// Where root's clusters go whose own directory the server's user cannot reach. `/var/tmp` only where there is no
/// `/var/lib` (macOS): it may be swept of what was not used for a month.
const ELSEWHERE: [&str; 2] = ["/var/lib", "/var/tmp"];

/// The directory in which a cluster lives: its user's, closed to everybody else.
#[derive(Debug)]
pub(super) struct Home {
    /// Absolute, without links.
    pub(super) path: PathBuf,
    /// Owns the directory and runs the server.
    pub(super) user: ServerUser,
}

impl Home {
    /// The home of `dir`'s cluster, `dir/postgres`, made where it does not exist. That name is a link to a place elsewhere
    /// if the server's user cannot reach `dir` (root's work below `/root`, usually). Deleting `dir` therefore always means
    /// to start anew, and a moved `dir` keeps its data.
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
        let metadata = fs::metadata(&path).map_err(at(&path))?;
        let user = ServerUser::owning(&metadata)?;
        user.own(&path)?;
        Ok(Self { path, user })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("log")
    }
}

/// Makes the home under `name`: in `dir`, or elsewhere if its user does not reach that.
fn make(dir: &Path, name: &Path, reached: bool) -> Result<(), ClusterError> {
    let directory = File::open(dir).map_err(at(dir))?;
    // One maker at a time. Some network file systems cannot lock directories: two first starts at once may fail there.
    let _ = directory.lock();
    if name.exists() {
        return Ok(());
    }
    if name.is_symlink() {
        // What it led to is gone.
        fs::remove_file(name).map_err(at(name))?;
    }
    if reached {
        private_directory(name)
    } else {
        symlink(place_elsewhere()?, name)
    }
    .map_err(at(name))
}

fn place_elsewhere() -> Result<PathBuf, ClusterError> {
    let parent = ELSEWHERE
        .into_iter()
        .map(Path::new)
        .find(|parent| parent.is_dir());
    let name = format!("pykhbrain-{}", Alphanumeric.sample_string(&mut rand::rng(), 10));
    let place = parent.unwrap_or(Path::new("/tmp")).join(name);
    private_directory(&place).map_err(at(&place))?;
    Ok(place)
}

fn private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}
