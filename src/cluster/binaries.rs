//! Finds the server's binaries on this machine.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};

use super::download;
use super::error::ClusterError;
use super::home::Home;
use super::user::{ServerUser, search_path};

/// The oldest version whose `initdb` and SQL we rely on.
pub(super) const OLDEST_MAJOR: u32 = 14;

/// Where packages put versions side by side: a directory, what the names of the versions in it begin with,
/// and where the binaries are below them. Debian; the RPMs of postgresql.org; Alpine; Homebrew on Apple
/// silicon and on Intel; Postgres.app.
const SIDE_BY_SIDE: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A directory with `postgres` and `initdb` in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    /// The directory.
    pub dir: PathBuf,
    /// Their major version.
    pub major: u32,
}

impl Binaries {
    /// Finds binaries that the home's user can run, or downloads them: of the version that wrote the data,
    /// because no other can read it, else the first that are new enough.
    pub(super) async fn find(home: &Home, written_by: Option<u32>) -> Result<Self, ClusterError> {
        let downloads = home.path.join("binaries");
        let mut places = installed(home).await;
        places.extend(side_by_side(&downloads, "", "bin"));
        let found = match first_fit(home.user, places, written_by).await {
            Ok(fit) => return Ok(fit),
            Err(found) => found,
        };
        let download = match download::download(&downloads, written_by).await {
            Ok(dir) => match probe(home.user, &dir).await {
                Some(binaries) => return Ok(binaries),
                None => download::DownloadError::DoesNotRun { dir },
            },
            Err(error) => error,
        };
        Err(match written_by {
            Some(written_by) => {
                ClusterError::WrongVersion { home: home.path.clone(), written_by, found, download }
            }
            None => ClusterError::NoBinaries { download },
        })
    }
}

/// The first of `places` that fits, or else everything that was found there.
async fn first_fit(
    user: ServerUser,
    places: Vec<PathBuf>,
    written_by: Option<u32>,
) -> Result<Binaries, Vec<Binaries>> {
    let mut found = Vec::new();
    for place in places {
        let Some(binaries) = probe(user, &place).await else {
            continue;
        };
        if written_by.map_or(binaries.major >= OLDEST_MAJOR, |major| binaries.major == major) {
            return Ok(binaries);
        }
        found.push(binaries);
    }
    Err(found)
}

/// Where binaries may be on this machine, in the order of preference.
async fn installed(home: &Home) -> Vec<PathBuf> {
    let mut places: Vec<_> = env::split_paths(&search_path()).collect();
    let pg_config = home.user.command("pg_config", &home.server()).arg("--bindir").output().await;
    if let Ok(output) = pg_config {
        places.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    for (parent, prefix, below) in SIDE_BY_SIDE {
        places.extend(side_by_side(Path::new(parent), prefix, below));
    }
    let mut seen = HashSet::new();
    // Relative ones mean something else in every directory.
    places.retain(|place| place.is_absolute() && seen.insert(place.clone()));
    places
}

/// The directories with binaries in `parent`, newest version first.
fn side_by_side(parent: &Path, prefix: &str, below: &str) -> Vec<PathBuf> {
    let mut versions: Vec<_> = parent
        .read_dir()
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(prefix))
        .collect();
    versions.sort_by_key(|name| Reverse(first_number(name)));
    versions.into_iter().map(|name| parent.join(name).join(below)).collect()
}

/// What is in `dir`, if `user` can run it. Asked of the program itself, because directories lie about
/// versions.
async fn probe(user: ServerUser, dir: &Path) -> Option<Binaries> {
    if !dir.join("initdb").is_file() || !dir.join("postgres").is_file() {
        return None;
    }
    let output = user.command(dir.join("postgres"), Path::new("/")).arg("--version").output().await.ok()?;
    // `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`
    let major = first_number(&String::from_utf8_lossy(&output.stdout))?;
    output.status.success().then(|| Binaries { dir: dir.to_path_buf(), major })
}

fn first_number(text: &str) -> Option<u32> {
    text.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;

    /// A machine whose installations are directories with programs in them that only know their version.
    fn machine(installations: &[(&str, &str)]) -> TempDir {
        let everybody = Permissions::from_mode(0o755);
        let dir = tempfile::Builder::new().permissions(everybody.clone()).tempdir().unwrap();
        for (name, version) in installations {
            let bin = dir.path().join(name).join("bin");
            fs::create_dir_all(&bin).unwrap();
            for program in ["postgres", "initdb"] {
                fs::write(bin.join(program), format!("#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n"))
                    .unwrap();
                fs::set_permissions(bin.join(program), everybody.clone()).unwrap();
            }
        }
        dir
    }

    async fn choice(machine: &TempDir, written_by: Option<u32>) -> Result<u32, Vec<u32>> {
        let user = ServerUser::for_new_cluster().unwrap();
        let places = side_by_side(machine.path(), "", "bin");
        let majors = |all: Vec<Binaries>| all.into_iter().map(|binaries| binaries.major).collect();
        first_fit(user, places, written_by).await.map(|fit| fit.major).map_err(majors)
    }

    #[tokio::test]
    async fn new_data_gets_the_newest_version() {
        let machine =
            machine(&[("9.6", "9.6.24"), ("17", "17.2 (Debian 17.2-1)"), ("16", "16.4"), ("18", "18beta1")]);
        assert_eq!(choice(&machine, None).await, Ok(18));
    }

    #[tokio::test]
    async fn data_gets_the_version_that_wrote_it() {
        let machine = machine(&[("postgresql@17", "17.2"), ("postgresql@15", "15.14")]);
        assert_eq!(choice(&machine, Some(15)).await, Ok(15));
        assert_eq!(choice(&machine, Some(16)).await, Err(vec![17, 15]));
    }

    #[tokio::test]
    async fn what_is_too_old_or_does_not_run_is_passed_over() {
        let machine = machine(&[("13", "13.9"), ("14", "14.0"), ("15", "15.1"), ("16", "16.1")]);
        fs::remove_file(machine.path().join("16/bin/initdb")).unwrap();
        fs::write(
            machine.path().join("15/bin/postgres"),
            "#!/bin/sh\necho 'no such library' >&2; exit 127\n",
        )
        .unwrap();
        assert_eq!(choice(&machine, None).await, Ok(14));

        fs::remove_dir_all(machine.path().join("14")).unwrap();
        assert_eq!(choice(&machine, None).await, Err(vec![13]));
    }
}
