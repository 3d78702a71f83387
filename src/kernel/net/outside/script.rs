//! What does a file of answers say?

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use super::super::address::{Kind, Place};

/// Answers for the world outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// Addresses of names.
    pub(super) names: BTreeMap<String, Ipv4Addr>,
    rules: Vec<Rule>,
}

/// Answers of one place, or of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    kind: Kind,
    host: Option<String>,
    port: Option<u16>,
    /// Nobody listens there.
    pub(super) refuses: bool,
    /// What happens there, one after the other.
    pub(super) steps: Vec<Step>,
}

/// What happens in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Waits until something has come.
    Receive,
    /// Waits until these bytes have come.
    ReceiveText(Vec<u8>),
    /// Sends.
    Send(Vec<u8>),
    /// Ends the stream from outside.
    Close,
    /// Begins from the start.
    Again,
}

impl Script {
    /// Reads the text of a file. The error says in which line what is wrong.
    pub fn parse(text: &str) -> Result<Script, String> {
        let mut script = Script::default();
        for (index, line) in text.lines().enumerate() {
            script
                .line(line)
                .map_err(|what| format!("line {}: {what}", index + 1))?;
        }
        Ok(script)
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let inside = line.starts_with([' ', '\t']);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (word, rest) = match line.split_once([' ', '\t']) {
            Some((word, rest)) => (word, rest.trim()),
            None => (line, ""),
        };
        if inside {
            let step = step(word, rest)?;
            let rule = self.rules.last_mut().filter(|rule| !rule.refuses);
            let rule =
                rule.ok_or("a step needs a line `tcp HOST:PORT` or `udp HOST:PORT` before it")?;
            rule.steps.push(step);
            return Ok(());
        }
        match word {
            "tcp" => self.rules.push(place(Kind::Stream, rest, false)?),
            "udp" => self.rules.push(place(Kind::Datagram, rest, false)?),
            "refuse" => self.rules.push(place(Kind::Stream, rest, true)?),
            "dns" => {
                let (name, ip) = rest
                    .split_once([' ', '\t'])
                    .ok_or("expected `dns NAME ADDRESS`")?;
                let ip = ip.trim();
                let ip = ip
                    .parse()
                    .map_err(|_| format!("`{ip}` is no IPv4 address"))?;
                self.names.insert(name.to_ascii_lowercase(), ip);
            }
            other => {
                return Err(format!(
                    "`{other}` is none of tcp, udp, refuse, dns; steps are indented"
                ));
            }
        }
        Ok(())
    }

    /// The first rule for a place, of which a name may be known.
    pub(super) fn rule(&self, kind: Kind, to: Place, name: Option<&str>) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.fits(kind, to, name))
    }
}

impl Rule {
    fn fits(&self, kind: Kind, to: Place, name: Option<&str>) -> bool {
        let host = self.host.as_deref().is_none_or(|host| {
            let ip: Option<IpAddr> = host.parse().ok();
            match ip {
                Some(ip) => ip == to.ip,
                None => name == Some(host),
            }
        });
        self.kind == kind && host && self.port.is_none_or(|port| port == to.port)
    }
}

fn place(kind: Kind, text: &str, refuses: bool) -> Result<Rule, String> {
    let wrong = || format!("expected HOST:PORT, each may be `*`, and found `{text}`");
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let host = match host {
        "*" => None,
        "" => return Err(wrong()),
        host => Some(host.to_ascii_lowercase()),
    };
    let port = match port {
        "*" => None,
        port => Some(port.parse().map_err(|_| wrong())?),
    };
    Ok(Rule {
        kind,
        host,
        port,
        refuses,
        steps: Vec::new(),
    })
}

fn step(word: &str, rest: &str) -> Result<Step, String> {
    Ok(match (word, rest) {
        ("recv", "") => Step::Receive,
        ("recv", text) => Step::ReceiveText(quoted(text)?),
        ("send", text) => Step::Send(quoted(text)?),
        ("close", "") => Step::Close,
        ("again", "") => Step::Again,
        _ => {
            return Err(format!(
                "`{word} {rest}` is none of recv, recv \"TEXT\", send \"TEXT\", close, again"
            ));
        }
    })
}

/// Bytes between quotation marks: `\n`, `\r`, `\t`, `\0`, `\\`, `\"` and `\xHH` as in C.
fn quoted(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || format!("expected \"TEXT\", and found {text}");
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let mut chars = inner.ok_or_else(wrong)?.chars();
    let mut bytes = Vec::new();
    while let Some(c) = chars.next() {
        if c != '\\' {
            let mut place = [0; 4];
            bytes.extend_from_slice(c.encode_utf8(&mut place).as_bytes());
            continue;
        }
        bytes.push(match chars.next().ok_or_else(wrong)? {
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            '0' => 0,
            '\\' => b'\\',
            '"' => b'"',
            'x' => {
                let digits: String = chars.by_ref().take(2).collect();
                u8::from_str_radix(&digits, 16).map_err(|_| wrong())?
            }
            _ => return Err(wrong()),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
# a mail server
dns Mail.example.com 10.9.8.7
tcp mail.example.com:25
    send "220 hello\r\n"
    recv "\r\n"
    send "\x41\\\"\n"
    close
udp *:123
    recv
    again
refuse *:*
"#;

    #[test]
    fn a_script_says_what_happens_where() {
        let script = Script::parse(TEXT).expect("it is well-formed");
        assert_eq!(script.names["mail.example.com"], Ipv4Addr::new(10, 9, 8, 7));
        let at = |ip: [u8; 4], port| Place {
            ip: IpAddr::V4(ip.into()),
            port,
        };
        let mail = script.rule(
            Kind::Stream,
            at([10, 9, 8, 7], 25),
            Some("mail.example.com"),
        );
        let steps = [
            Step::Send(b"220 hello\r\n".to_vec()),
            Step::ReceiveText(b"\r\n".to_vec()),
            Step::Send(b"A\\\"\n".to_vec()),
            Step::Close,
        ];
        assert_eq!(mail.expect("there is a rule").steps, steps);
        let other = script.rule(Kind::Stream, at([10, 9, 8, 7], 25), None);
        assert!(other.expect("there is a rule").refuses);
        let time = script.rule(Kind::Datagram, at([1, 2, 3, 4], 123), None);
        assert_eq!(
            time.expect("there is a rule").steps,
            [Step::Receive, Step::Again]
        );
        assert_eq!(
            script.rule(Kind::Datagram, at([1, 2, 3, 4], 124), None),
            None
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let wrong = |text: &str| Script::parse(text).expect_err("it is wrong");
        assert_eq!(
            wrong("tcp x"),
            "line 1: expected HOST:PORT, each may be `*`, and found `x`"
        );
        assert_eq!(
            wrong("\n send \"a\""),
            "line 2: a step needs a line `tcp HOST:PORT` or `udp HOST:PORT` before it"
        );
        assert_eq!(
            wrong("tcp *:1\n send a"),
            "line 2: expected \"TEXT\", and found a"
        );
        assert_eq!(wrong("dns a b"), "line 1: `b` is no IPv4 address");
    }
}
