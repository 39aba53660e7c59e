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
//! | `server` | listening and stopping |
//! | `playground` | the local chat of `pykhbrain dev` |

mod auth;
mod health;
pub mod inbox;
mod pages;
pub mod playground;
mod router;
mod server;
mod site;
mod wake;
mod webhook;

pub use inbox::Inbox;
pub use server::{App, serve};
pub use site::Settings;
