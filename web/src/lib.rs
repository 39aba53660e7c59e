//! The web process: takes Telegram's updates and serves pages. It calls nobody; what needs calling is a job.
//!
//! | file | what is in it |
//! |---|---|
//! | `router` | every address |
//! | `webhook` | an update comes in |
//! | `wake` | telling the workers, coalesced |
//! | `auth` | who a browser is, and whether what it sends is its person's doing |
//! | `pages` | sign in, confirm, account, sign out |
//! | `site` | what every page works with |
//! | `health` | `/healthz`, `/readyz`, `/metrics` |
//! | `recent` | what is asked of the database once in a while, however many want to know |
//! | `server` | listening and stopping |
//! | `connections` | how many there are, and how long each may keep us waiting |
//! | `body` | what comes with a request, read to its end |
//! | `this_machine` | whether the machine itself asks |
//! | `playground` | the local chat of `pykhbrain dev` |

mod auth;
mod body;
mod connections;
mod health;
pub mod inbox;
mod pages;
pub mod playground;
mod recent;
mod router;
mod server;
mod site;
mod this_machine;
mod wake;
mod webhook;

pub use inbox::Inbox;
pub use server::{App, serve};
pub use site::Settings;
