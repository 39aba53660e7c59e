//! What happens to the server when its owner, a process of its own here, is killed.

use std::env;
use std::process::Stdio;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, getpgid, getpgrp};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::*;

const DIR: &str = "CLUSTER_OWNER_DIR";

/// The program of the process that is killed: this test, run alone.
#[tokio::test]
#[ignore = "other tests run it as a child process"]
#[expect(clippy::disallowed_methods, reason = "the parent says it so")]
async fn owner_process() {
    let Some(dir) = env::var_os(DIR) else { return };
    let _cluster = start(Path::new(&dir)).await;
    println!("\nup");
    std::future::pending::<()>().await;
}

fn owner_of(dir: &Path) -> Child {
    let (_, this_module) = module_path!().split_once("::").unwrap();
    Command::new(env::current_exe().unwrap())
        .args([&format!("{this_module}::owner_process"), "--exact", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn running_owner_of(dir: &Path) -> Child {
    let mut owner = owner_of(dir);
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    while lines.next_line().await.unwrap().expect("the owner says `up`") != "up" {}
    owner
}

/// The server's own process, as it noted it.
async fn server_of(dir: &Path) -> Pid {
    let note = Home::open(dir).await.unwrap().data().join("postmaster.pid");
    let text = fs::read_to_string(note).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap())
}

async fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !happened() {
        assert!(Instant::now() < deadline, "not within 30 s: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn the_server_goes_down_when_its_owner_is_killed() {
    let dir = directory();
    let mut owner = running_owner_of(dir.path()).await;
    let server = server_of(dir.path()).await;
    let group = getpgid(Some(server)).unwrap();
    assert!(killpg(group, None).is_ok());

    owner.kill().await.unwrap();

    until("the server and its shell are gone", || killpg(group, None) == Err(Errno::ESRCH)).await;
    start(dir.path()).await.stop().await;
}

#[tokio::test]
async fn a_start_right_after_the_owner_was_killed_succeeds() {
    let dir = directory();
    for _ in 0..3 {
        let mut owner = running_owner_of(dir.path()).await;
        owner.kill().await.unwrap();
        let cluster = start(dir.path()).await;
        assert_eq!(show(&mut connect(&cluster).await, "SELECT 'in'").await, "in");
        cluster.stop().await;
    }
}

#[tokio::test]
async fn a_server_that_was_left_behind_is_taken_down() {
    let dir = directory();
    start(dir.path()).await.stop().await;
    let home = Home::open(dir.path()).await.unwrap();
    let binaries = Binaries::find(&home, None).await.unwrap();
    let mut without_a_leash = home.user.command(binaries.dir.join("postgres"), &home.server());
    without_a_leash.arg("-D").arg(home.data()).args(["-p", &server::free_port().unwrap().to_string()]);
    let mut server = without_a_leash.args(["-k", ".."]).stderr(Stdio::null()).spawn().unwrap();
    let note = home.data().join("postmaster.pid");
    until("it runs", || fs::read_to_string(&note).is_ok_and(|text| text.contains("ready"))).await;

    let cluster = start(dir.path()).await;

    assert!(server.try_wait().unwrap().is_some());
    cluster.stop().await;
}

#[tokio::test]
async fn a_server_that_was_killed_too_does_not_hinder_the_next() {
    let dir = directory();
    let mut owner = running_owner_of(dir.path()).await;
    let group = getpgid(Some(server_of(dir.path()).await)).unwrap();
    killpg(group, Signal::SIGKILL).unwrap();
    owner.kill().await.unwrap();

    start(dir.path()).await.stop().await;
}

#[tokio::test]
async fn a_cluster_whose_making_was_cut_short_is_made_anew() {
    let dir = directory();
    let server = Home::open(dir.path()).await.unwrap().server();
    let unfinished = || -> Vec<PathBuf> {
        let names = fs::read_dir(&server).unwrap().map(|entry| entry.unwrap().path());
        names.filter(|path| path.to_string_lossy().contains("unfinished-")).collect()
    };
    fs::create_dir(server.join("unfinished-long-ago")).unwrap();
    let mut owner = owner_of(dir.path());
    until("initdb has begun", || unfinished().iter().any(|path| path.join("global").exists())).await;
    owner.kill().await.unwrap();
    assert!(!server.join("data").exists());

    let cluster = start(dir.path()).await;

    assert_eq!(show(&mut connect(&cluster).await, "SELECT 'in'").await, "in");
    assert_eq!(unfinished(), Vec::<PathBuf>::new());
    cluster.stop().await;
}

#[tokio::test]
async fn a_dropped_cluster_stops() {
    let dir = directory();
    let cluster = start(dir.path()).await;
    let group = getpgid(Some(server_of(dir.path()).await)).unwrap();

    drop(cluster);

    until("the server and its shell are gone", || killpg(group, None) == Err(Errno::ESRCH)).await;
}

#[tokio::test]
async fn a_stopped_cluster_leaves_no_process() {
    let dir = directory();
    let cluster = start(dir.path()).await;
    let group = getpgid(Some(server_of(dir.path()).await)).unwrap();

    cluster.stop().await;

    assert_eq!(killpg(group, None), Err(Errno::ESRCH));
}

#[tokio::test]
async fn ctrl_c_in_the_terminal_is_not_for_the_server() {
    let dir = directory();
    let cluster = start(dir.path()).await;
    let server = server_of(dir.path()).await;
    let shell = getpgid(Some(server)).unwrap();
    assert_ne!(shell, getpgrp());

    // Nor do the shell's own signals end the leash.
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT] {
        kill(shell, signal).unwrap();
    }

    assert_eq!(show(&mut connect(&cluster).await, "SELECT 'in'").await, "in");
    cluster.stop().await;
    assert_eq!(kill(server, None), Err(Errno::ESRCH));
}
