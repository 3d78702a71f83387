//! The command `emu`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
