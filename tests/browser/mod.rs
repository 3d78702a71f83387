//! A browser without a screen, by the protocol that drivers of all browsers speak.   [W3C WebDriver]

#![allow(dead_code, reason = "each test takes what it needs")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::bounded::complete;

const LIMIT: Duration = Duration::from_secs(60);

/// What Chromium is told, so that it asks nobody for anything.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
    "--force-device-scale-factor=1",
];

/// A browser.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one, in a profile of its own; `None` where there is none.
    pub(crate) fn start() -> Option<Browser> {
        let profile = tempfile::tempdir().expect("a folder can be made");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has one").port();
        drop(listener);
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(driver) = driver else {
            assert!(!complete(), "chromedriver is not installed");
            println!("left out: chromedriver is not installed");
            return None;
        };
        let mut browser = Browser {
            driver,
            port,
            session: String::new(),
            _profile: profile,
        };
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < LIMIT, "chromedriver does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        let folder = format!("--user-data-dir={}", browser._profile.path().display());
        let flags: Vec<&str> = FLAGS.into_iter().chain([folder.as_str()]).collect();
        let wish = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "goog:chromeOptions": {"args": flags},
        }}});
        let session = browser.ask("POST", "/session", Some(&wish));
        let id = session["sessionId"].as_str().expect("it has a name");
        browser.session = format!("/session/{id}");
        Some(browser)
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let body = body.map_or_else(String::new, Value::to_string);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the driver listens");
        stream.set_read_timeout(Some(LIMIT)).expect("it is a limit");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("the driver reads");
        let mut answer = BufReader::new(stream);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).expect("the driver answers");
            if line.trim().is_empty() {
                break;
            }
            let small = line.to_ascii_lowercase();
            if let Some(number) = small.strip_prefix("content-length:") {
                length = number.trim().parse().expect("it is a number");
            }
            head += &line;
        }
        // The driver keeps the connection, whatever it is asked.
        let mut body = vec![0; length];
        answer.read_exact(&mut body).expect("the driver answers");
        let body = String::from_utf8_lossy(&body);
        let mut told: Value = serde_json::from_str(&body).unwrap_or_default();
        assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {body}");
        told["value"].take()
    }

    fn session(&self, method: &str, path: &str, body: &Value) -> Value {
        self.ask(method, &format!("{}{path}", self.session), Some(body))
    }

    /// Opens a file.
    pub(crate) fn open(&self, path: &Path, behind: &str) {
        let url = format!("file://{}{behind}", path.display());
        self.session("POST", "/url", &json!({ "url": url }));
    }

    /// What a function's body returns.
    pub(crate) fn run(&self, script: &str) -> Value {
        let call = json!({"script": script, "args": []});
        self.session("POST", "/execute/sync", &call)
    }

    /// Waits until an expression is true.
    pub(crate) fn wait(&self, expression: &str) {
        let begin = Instant::now();
        while self.run(&format!("return Boolean({expression})")) != true {
            assert!(begin.elapsed() < LIMIT, "never: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Clicks what a selector finds, as a person would.
    pub(crate) fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.session("POST", &format!("/element/{element}/click"), &json!({}));
    }

    /// Types into what a selector finds.
    pub(crate) fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.session(
            "POST",
            &format!("/element/{element}/value"),
            &json!({ "text": text }),
        );
    }

    fn element(&self, selector: &str) -> String {
        let wish = json!({"using": "css selector", "value": selector});
        let found = self.session("POST", "/element", &wish);
        let element = found.as_object().and_then(|found| found.values().next());
        element
            .and_then(Value::as_str)
            .expect("it is found")
            .to_owned()
    }

    /// A picture of the page, as PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let picture = self.ask("GET", &format!("{}/screenshot", self.session), None);
        STANDARD
            .decode(picture.as_str().expect("it is text"))
            .expect("it is base64")
    }

    /// What the page complained about.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.session("POST", "/se/log", &json!({"type": "browser"}));
        let entries = log.as_array().cloned().unwrap_or_default();
        let bad = |entry: &&Value| matches!(entry["level"].as_str(), Some("SEVERE" | "WARNING"));
        entries
            .iter()
            .filter(bad)
            .map(|entry| entry["message"].to_string())
            .collect()
    }

    /// What was fetched, but the page itself and what it has in itself.
    pub(crate) fn fetched(&self) -> Vec<String> {
        let log = self.session("POST", "/se/log", &json!({"type": "performance"}));
        let entries = log.as_array().cloned().unwrap_or_default();
        let told = entries.iter().filter_map(|entry| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &message["message"];
            (message["method"] == "Network.requestWillBeSent").then(|| {
                message["params"]["request"]["url"]
                    .as_str()
                    .map(str::to_owned)
            })?
        });
        // The browser's own first page is made of parts, too.
        let own = ["file:", "data:", "blob:", "chrome:", "chrome-untrusted:"];
        told.filter(|url| !own.iter().any(|own| url.starts_with(own)))
            .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.ask("DELETE", &self.session, None);
        }
        // It ends its browser, too.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
