//! A browser: it keeps cookies, opens pages and sends their forms, with the origin of the page.

use std::collections::BTreeMap;

use reqwest::{Method, header::HeaderMap};

/// One person's browser, at one web server.
pub struct Browser {
    http: reqwest::Client,
    pub base: String,
    pub cookies: BTreeMap<String, String>,
    /// Sent with everything.
    pub headers: HeaderMap,
}

/// A page.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub html: String,
    pub headers: HeaderMap,
}

impl Page {
    /// The visible text, roughly: without tags, one space between words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut inside = false;
        for letter in self.html.chars() {
            match letter {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    text.push(' ');
                }
                _ if !inside => text.push(letter),
                _ => {}
            }
        }
        let text = text.replace("&#34;", "\"").replace("&#39;", "'").replace("&amp;", "&");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The value of the first hidden field with this name.
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at =
            self.html.find(&mark).unwrap_or_else(|| panic!("no field {name}: {}", self.html)) + mark.len();
        self.html[at..].split('"').next().unwrap_or_default().to_owned()
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.headers.get("location").and_then(|at| at.to_str().ok()).unwrap_or_default()
    }

    /// What it says was done, where it leads to the account page.
    pub fn done(&self) -> &str {
        let done = self.location().split_once("/account?done=").map(|(_, done)| done);
        done.and_then(|done| done.split('&').next()).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Browser {
    pub fn at(base: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        Self {
            http: http.expect("a client"),
            base: base.to_owned(),
            cookies: BTreeMap::new(),
            headers: HeaderMap::new(),
        }
    }

    /// Opens an address, following where it leads.
    pub async fn open(&mut self, path: &str) -> Page {
        let mut page = self.request(Method::GET, path, None).await;
        for _ in 0..5 {
            if page.location().is_empty() {
                break;
            }
            let next = page.location().to_owned();
            page = self.request(Method::GET, &next, None).await;
        }
        page
    }

    /// Opens an address and follows nothing.
    pub async fn look(&mut self, path: &str) -> Page {
        self.request(Method::GET, path, None).await
    }

    /// Sends a form of `page`: its token and these fields.
    pub async fn send(&mut self, page: &Page, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = page.hidden("form");
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("form", token.as_str())]).collect();
        self.post(path, &fields, Some(&self.base.clone())).await
    }

    /// Sends any fields from a page of any origin.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)], origin: Option<&str>) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let before =
            origin.and_then(|origin| self.headers.insert("origin", origin.parse().expect("an origin")));
        let page = self.request(Method::POST, path, Some(body)).await;
        match before {
            Some(before) => self.headers.insert("origin", before),
            None => self.headers.remove("origin"),
        };
        page
    }

    async fn request(&mut self, method: Method, path: &str, body: Option<String>) -> Page {
        let mut request =
            self.http.request(method, format!("{}{path}", self.base)).headers(self.headers.clone());
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        let response = request.send().await.expect("the web server answers");
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a cookie");
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Page { status, html: response.text().await.expect("a page"), headers }
    }
}
