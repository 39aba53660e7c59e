//! `/help`: every command in a line.

use super::{Asked, COMMANDS};
use crate::texts;

pub(super) fn run(_: &Asked<'_>) -> String {
    texts::help(COMMANDS.iter().map(|command| (command.name, command.help)))
}
