//! The web process: takes Telegram's updates and serves pages. It calls nobody; what needs calling is a job.
//!
//! | file | what is in it |
//! |---|---|
//! | `router` | every address |
//! | `webhook` | an update comes in |
//! | `wake` | telling the workers, coalesced |
//! | `health` | `/healthz`, `/readyz`, `/metrics` |
//! | `server` | listening and stopping |
//! | `playground` | the local chat of `pykhbrain dev` |

mod health;
pub mod inbox;
pub mod playground;
mod router;
mod server;
mod wake;
mod webhook;

pub use inbox::Inbox;
pub use server::{App, serve};
