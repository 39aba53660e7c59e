//! The way of a call from the connection to its answer.

use std::{sync::Arc, time::Instant};

use hyper::{Method, header::AUTHORIZATION};

use super::{
    super::{
        http::{Answer, Reply, Request},
        log::Log,
    },
    Desk,
    answer::{completion, error, finished, models},
    request::LlmRequest,
};

impl Desk {
    /// Answers a request, or does to it what the script says.
    pub(super) async fn answer(&self, request: &Request) -> Reply {
        match (request.method(), request.uri().path()) {
            (&Method::POST, "/v1/chat/completions") => match read(request) {
                Some(request) => self.complete(request).await,
                None => Reply::Whole(invalid(400, "The body is no request for a completion.")),
            },
            (&Method::GET, "/v1/models") => Reply::Whole(models(&self.script.lock().expect("script").models)),
            _ => Reply::Whole(invalid(404, "Unknown request URL.")),
        }
    }

    async fn complete(&self, request: LlmRequest) -> Reply {
        let place = self.requests.push(|_| request.clone());
        let _open = Open { requests: &self.requests, place };

        let (scripted, decide, latency) = {
            let mut script = self.script.lock().expect("script");
            (script.faults.pop_front(), Arc::clone(&script.decide), script.latency.next())
        };
        // With no lock held: the test's closures may call back into the fake.
        let fault = scripted.or_else(|| decide(&request));
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        // An error would mean that the other end is gone, which is in `self`.
        let _ = self.held.subscribe().wait_for(|held| !held).await;
        if let Some(fault) = fault {
            return fault.reply(&request, place).await;
        }
        let compose = Arc::clone(&self.script.lock().expect("script").compose);
        Reply::Whole(completion(&request, place, &finished(&compose(&request))))
    }
}

/// Notes the end of a call, also of one whose client has left: its task is dropped then.
struct Open<'a> {
    requests: &'a Log<LlmRequest>,
    place: usize,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.requests.change(|requests| requests[self.place].ended = Some(Instant::now()));
    }
}

fn read(request: &Request) -> Option<LlmRequest> {
    let key =
        request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    LlmRequest::read(serde_json::from_slice(request.body()).ok()?, key.map(str::to_owned))
}

fn invalid(status: u16, message: &str) -> Answer {
    error(status, message, "invalid_request_error", None, None)
}
