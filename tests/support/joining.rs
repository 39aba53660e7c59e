//! Chats and people coming into accounts, each with the yes that it takes.

use serde_json::Value;

use super::{
    app::App,
    browser::{Browser, Page},
    updates::Person,
};

impl App {
    /// Gives a code in a chat, and says yes to what it would join; what the chat is told then.
    pub async fn joins(&self, from: Person, chat: &Value, code: &str) -> String {
        let id = chat["id"].as_i64().expect("chats have ids");
        self.says_in(from, chat, &format!("/link {code}"), &serde_json::json!({})).await;
        self.run_pending_jobs().await;
        let asked = self.telegram.sent_to(id).pop().expect("it is asked");
        self.presses(from, &asked, "Join").await;
        self.run_pending_jobs().await;
        let said = self.waits_for_answer(id, "Linked: ").await;
        self.has_told_all().await;
        said
    }

    /// Waits until everybody is told what there is to tell.
    pub async fn has_told_all(&self) {
        self.waits_until("select count(*) from notices", 0).await;
        self.run_pending_jobs().await;
    }
}

/// Answers the first invitation that waits for who is signed in with this browser.
pub async fn answers(browser: &mut Browser, answer: &str) -> Page {
    let page = browser.open("/invitations").await;
    let (invitation, account) = (page.hidden("invitation"), page.hidden("account"));
    let fields = [("invitation", &*invitation), ("account", &*account), ("answer", answer)];
    browser.send(&page, "/invitations/answer", &fields).await
}
