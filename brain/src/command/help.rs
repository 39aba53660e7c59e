//! `/help`: every command in a line.

use futures::future::BoxFuture;

use super::{Asked, COMMANDS};
use crate::texts;

// Boxed here: the table names this function and this function reads the table, which an opaque future cannot do.
pub(super) fn run<'a>(_: &'a Asked<'a>) -> BoxFuture<'a, sqlx::Result<String>> {
    Box::pin(async { Ok(texts::help(COMMANDS.iter().map(|command| (command.name, command.help)))) })
}
