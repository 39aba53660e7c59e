//! The one line that installs Postgres on this system.

use std::env::consts::OS;
use std::fs;

use nix::unistd::geteuid;

/// How root installs the server and its extensions, by the system's name in `ID` or `ID_LIKE` of
/// `/etc/os-release` (<https://www.freedesktop.org/software/systemd/man/os-release.html>).
const LINES: [(&str, &str); 7] = [
    ("debian", "apt-get update && apt-get install -y postgresql"),
    ("ubuntu", "apt-get update && apt-get install -y postgresql"),
    ("fedora", "dnf install -y postgresql-server postgresql-contrib"),
    ("rhel", "dnf install -y postgresql-server postgresql-contrib"),
    ("suse", "zypper install -y postgresql-server postgresql-contrib"),
    ("arch", "pacman -Sy --noconfirm postgresql"),
    ("alpine", "apk add postgresql postgresql-contrib"),
];

/// What to type on this system.
pub(super) fn install_line() -> String {
    if OS == "macos" {
        return "brew install postgresql@18".to_owned();
    }
    line_for(&fs::read_to_string("/etc/os-release").unwrap_or_default(), geteuid().is_root())
}

fn line_for(os_release: &str, is_root: bool) -> String {
    let names: Vec<_> = ["ID=", "ID_LIKE="]
        .into_iter()
        .filter_map(|key| os_release.lines().find_map(|line| line.strip_prefix(key)))
        .flat_map(|value| value.trim_matches(['"', '\'']).split_whitespace())
        .collect();
    let line = names.iter().find_map(|name| LINES.iter().find(|(known, _)| known == name));
    match line {
        // A container's root has no sudo, and needs none.
        Some((_, line)) if is_root => (*line).to_owned(),
        Some((_, line)) => format!("sudo {}", line.replace("&& ", "&& sudo ")),
        None => "(the package of the PostgreSQL server, by this system's package manager)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::line_for;

    #[test]
    fn each_system_gets_its_own_line() {
        let debian = "PRETTY_NAME=\"Debian GNU/Linux 12\"\nVERSION_ID=\"12\"\nID=debian\n";
        assert_eq!(line_for(debian, true), "apt-get update && apt-get install -y postgresql");
        let alpine = "NAME=\"Alpine Linux\"\nID=alpine\n";
        assert_eq!(line_for(alpine, false), "sudo apk add postgresql postgresql-contrib");
    }

    #[test]
    fn a_relative_gets_the_line_of_its_family() {
        let mint = "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
        assert_eq!(line_for(mint, false), "sudo apt-get update && sudo apt-get install -y postgresql");
        let rocky = "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n";
        assert_eq!(line_for(rocky, true), "dnf install -y postgresql-server postgresql-contrib");
        let tumbleweed = "ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n";
        assert_eq!(line_for(tumbleweed, true), "zypper install -y postgresql-server postgresql-contrib");
    }

    #[test]
    fn an_unknown_system_is_told_what_to_look_for() {
        assert!(line_for("ID=plan9\n", true).contains("package manager"));
        assert!(line_for("", false).contains("package manager"));
    }
}
