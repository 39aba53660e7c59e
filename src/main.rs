//! The command `pykhbrain`.

fn main() -> std::process::ExitCode {
    pykhbrain::run()
}
