//! Links and images: which of them Telegram makes links of, and how the others are shown.

use url::Url;

use super::Writer;
use super::table::Table;
use crate::reply::split::is_visible;

/// Longer ones would use up what a message may have of addresses (see `draft.rs`).
const MAX_BYTES: usize = 2048;

/// A link or image whose text is being read.
pub(super) struct OpenLink {
    address: String,
    /// Its number among the text's links, if it can be one.
    link: Option<usize>,
    /// Where its text begins, in bytes of the styled text or of the table's cell.
    start: usize,
}

impl Writer<'_> {
    pub(super) fn open_link(&mut self, address: &str) {
        let mut open = OpenLink { address: address.to_owned(), link: None, start: 0 };
        if let Some(cell) = self.table.as_mut().and_then(Table::cell) {
            open.start = cell.len();
        } else {
            self.layout.begin_line();
            // An image in a link: the outer link holds.
            let href = if self.link.is_none() { href(address) } else { None };
            open.link = href.map(|href| self.layout.text_mut().add_link(href));
            open.start = self.layout.text().len();
        }
        self.link = self.link.or(open.link);
        self.links.push(open);
    }

    pub(super) fn close_link(&mut self) {
        let Some(open) = self.links.pop() else { return };
        let address = shown(&open.address);
        // A look at the beginning is enough, and keeps links within links linear.
        if !self.text_since(open.start).chars().take(100).any(is_visible) {
            self.text(address, self.face());
        }
        if open.link.is_some() {
            self.link = None;
        }
        let text = self.text_since(open.start);
        // An address within the document leads nowhere in a chat.
        if text == address || address.is_empty() || address.starts_with('#') {
            return;
        }
        // Only the outermost link of a cell is listed below the table.
        let listed = self.links.is_empty().then(|| text.to_owned());
        let aside = format!(" ({address})");
        match (open.link, &mut self.table, listed) {
            (Some(link), ..) => self.layout.text_mut().set_aside(link, aside),
            (None, Some(table), Some(text)) => table.links.push((text, address.to_owned())),
            _ => self.text(&aside, self.face()),
        }
    }

    /// What was written from byte `start` on, of the table's cell where there is one.
    fn text_since(&self, start: usize) -> &str {
        let text = self.table.as_ref().map_or_else(|| self.layout.text(), Table::last_cell);
        text.get(start..).unwrap_or_default().trim()
    }
}

/// The address for `href`, if Telegram makes a link of it: `http`, `https` and `tg`. It drops others without a word,
/// and with them what the reader needs, so these are shown as text: hosts without a dot (`localhost`), and `mailto`,
/// of which the Bot API server makes `http://mailto:…` (its `parse_url`), while it finds addresses in text.
/// A user name before the host is there to deceive about the host: shown, too.
fn href(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?;
    let leads_somewhere = match url.scheme() {
        "http" | "https" => {
            host.contains('.')
                && host.chars().all(|char| char.is_ascii_alphanumeric() || "-._".contains(char))
        }
        "tg" => host.chars().all(|char| char.is_ascii_alphanumeric() || "-_".contains(char)),
        _ => false,
    };
    let is_plain = url.username().is_empty() && url.password().is_none() && url.port() != Some(0);
    let href = String::from(url);
    (leads_somewhere && is_plain && href.len() <= MAX_BYTES).then_some(href)
}

/// How an address is shown in text, where Telegram finds e-mail addresses by itself.
fn shown(address: &str) -> &str {
    address.strip_prefix("mailto:").unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::href;

    #[test]
    fn an_address_that_telegram_would_drop_is_no_link() {
        for address in [
            "https://example.org/a?b=c&d=\"e\"#f",
            "HTTP://EXAMPLE.ORG",
            "https://пример.рф/путь",
            "http://127.0.0.1:8080/",
            "tg://user?id=42",
        ] {
            assert!(href(address).is_some(), "{address}");
        }
        for address in [
            "",
            "#part",
            "/path",
            "example.org",
            "http://localhost:3000",
            "http://[::1]/",
            "https://example.org:0/",
            "https://bank.example.org@evil.example.org/",
            "mailto:a@example.org",
            "javascript:alert(1)",
            "tg:resolve?domain=a",
            "tg://user@host",
            "https://exa{mple.org",
            &format!("https://example.org/{}", "a".repeat(2048)),
        ] {
            assert_eq!(href(address), None, "{address}");
        }
    }

    #[test]
    fn a_link_is_written_as_telegram_reads_it() {
        assert_eq!(href("https:\\\\example.org\\a b").unwrap(), "https://example.org/a%20b");
    }
}
