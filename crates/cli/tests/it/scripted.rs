//! An API that answers as a test says, however unlike Discord.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::harness::Place;

/// What was asked, as `GET /users/@me`, without the API's version and the query.
type Answers = dyn Fn(&str) -> Option<(u16, String)> + Send + Sync;

/// The API. Its threads end with the test's process.
pub(crate) struct Scripted {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Starts one. A request that is answered with nothing stays without an answer.
    pub(crate) fn start(
        answers: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, seen): (Arc<Answers>, _) = (Arc::new(answers), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, seen) = (Arc::clone(&answers), Arc::clone(&seen));
                // A client that was killed or hung up is what some tests are about.
                std::thread::spawn(move || drop(serve(stream, &*answers, &seen)));
            }
        });
        Self { address, asked }
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The program, pointed at this API.
    pub(crate) fn command(&self, place: &Place, line: &str) -> Command {
        let mut command = place.command(line.split_whitespace());
        command
            .env("GUESTLIST_API", &self.address)
            .env("DISCORD_TOKEN", "MTIz.abc.def");
        command
    }
}

fn serve(stream: TcpStream, answers: &Answers, seen: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default();
    let path = words
        .next()
        .unwrap_or_default()
        .trim_start_matches("/api/v10");
    let asked = format!("{method} {}", path.split('?').next().unwrap_or_default());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let answer = answers(&asked);
    seen.lock().unwrap().push(asked);
    let Some((status, body)) = answer else {
        // Until the client is gone.
        reader.read_to_end(&mut Vec::new())?;
        return Ok(());
    };
    write!(
        &stream,
        "HTTP/1.1 {status} Scripted\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
