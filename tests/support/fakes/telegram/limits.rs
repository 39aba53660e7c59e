//! Telegram's sending limits, <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

/// At most `count` accepted messages in any stretch of `span`.
#[derive(Clone, Copy)]
struct Limit {
    count: usize,
    span: Duration,
}

const OVERALL: Limit = Limit { count: 30, span: Duration::from_secs(1) };
/// One a second, with bursts of three.
const PRIVATE_CHAT: Limit = Limit { count: 3, span: Duration::from_secs(3) };
const GROUP: Limit = Limit { count: 20, span: Duration::from_mins(1) };

/// What an evenly paced sender's messages may be moved by the way to the server.
const JITTER: Duration = Duration::from_millis(50);

/// How often each limit was breached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaches {
    /// 30 messages a second over all chats.
    pub overall: usize,
    /// One message a second in a private chat, three at once.
    pub private_chat: usize,
    /// 20 messages a minute in a group.
    pub group: usize,
}

/// Who has sent how much of late. What was refused does not count.
#[derive(Debug, Default)]
pub struct Limits {
    overall: VecDeque<Instant>,
    by_chat: HashMap<i64, VecDeque<Instant>>,
    breaches: Breaches,
}

impl Limits {
    /// Counts a message, or says after how many seconds it may come again.
    pub fn admit(&mut self, chat_id: i64, now: Instant) -> Result<(), u64> {
        let limit = if chat_id > 0 { PRIVATE_CHAT } else { GROUP };
        let in_chat = self.by_chat.entry(chat_id).or_default();
        if let Some(seconds) = OVERALL.excess(&mut self.overall, now) {
            self.breaches.overall += 1;
            return Err(seconds);
        }
        if let Some(seconds) = limit.excess(in_chat, now) {
            *(if chat_id > 0 { &mut self.breaches.private_chat } else { &mut self.breaches.group }) += 1;
            return Err(seconds);
        }
        self.overall.push_back(now);
        in_chat.push_back(now);
        Ok(())
    }

    /// The breaches so far.
    pub fn breaches(&self) -> Breaches {
        self.breaches
    }
}

impl Limit {
    /// The whole seconds until there is room for one more, or none where there is room now.
    fn excess(self, accepted: &mut VecDeque<Instant>, now: Instant) -> Option<u64> {
        while accepted.front().is_some_and(|at| now.duration_since(*at) + JITTER >= self.span) {
            accepted.pop_front();
        }
        if accepted.len() < self.count {
            return None;
        }
        let wait = self.span.saturating_sub(now.duration_since(*accepted.front()?));
        Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_private_chat_takes_three_at_once_and_then_one_a_second() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(limits.admit(1, start), Ok(()));
        }
        assert_eq!(limits.admit(1, start + seconds(0.5)), Err(3));
        assert_eq!(limits.admit(2, start + seconds(0.5)), Ok(()), "another chat is free");
        assert_eq!(limits.admit(1, start + seconds(3.0)), Ok(()));
        assert_eq!(limits.breaches(), Breaches { private_chat: 1, ..Breaches::default() });
    }

    #[test]
    fn a_group_takes_twenty_in_any_minute() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        for n in 0..20 {
            assert_eq!(limits.admit(-5, start + seconds(f64::from(n))), Ok(()));
        }
        assert_eq!(limits.admit(-5, start + seconds(20.0)), Err(40));
        assert_eq!(limits.admit(-5, start + seconds(60.0)), Ok(()));
        assert_eq!(limits.breaches(), Breaches { group: 1, ..Breaches::default() });
    }

    #[test]
    fn all_chats_together_send_thirty_in_any_second() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        for chat in 1..=30 {
            assert_eq!(limits.admit(chat, start), Ok(()));
        }
        assert_eq!(limits.admit(31, start + seconds(0.5)), Err(1));
        assert_eq!(limits.admit(31, start + seconds(1.0)), Ok(()));
        assert_eq!(limits.breaches(), Breaches { overall: 1, ..Breaches::default() });
    }

    #[test]
    fn an_even_pace_with_a_little_jitter_is_within_the_limits() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        for n in 0..300 {
            let jitter = if n / 30 % 2 == 0 { 0.02 } else { 0.0 };
            let chat = i64::from(n % 100) + 1;
            assert_eq!(limits.admit(chat, start + seconds(f64::from(n) / 30.0 + jitter)), Ok(()), "{n}");
        }
    }
}
