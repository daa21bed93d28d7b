//! Personal links: one for each name of a list.

use std::time::Duration;

use guestlist_ledger::{Batch, Labels, Partition, Reports, Scope, Store};
use guestlist_model::GuildId;
use guestlist_sandbox::FaultRule;
use guestlist_testkit::http::Answer;
use guestlist_tracker::{Attribution, Certainty, InviteRecord, Join, JoinKey, Origin, Record};
use tokio::time::{Instant, sleep};

use crate::ledger::{ago, user};
use crate::people::Town;
use crate::security::{post, secret};

const HOSTILE: &str = "<b onclick=\"x\">'>";

struct Desk {
    town: Town,
    cookie: String,
    page: String,
    guild: GuildId,
}

impl Desk {
    async fn new() -> Self {
        let town = Town::new().await;
        let cookie = town.enter(town.owner(0)).await;
        let guild = town.guilds[0].to_string().parse().unwrap();
        let page = format!("/guilds/{guild}/personal");
        Self {
            town,
            cookie,
            page,
            guild,
        }
    }

    async fn get(&self, target: &str) -> Answer {
        self.town.get(target, &self.cookie).await
    }

    /// Sends a list of names, and other fields.
    async fn send(&self, names: &str, more: &str) -> Answer {
        let page = self.get(&self.page).await;
        let (_, channels) = page.text().split_once("name=\"channel\"").unwrap();
        let (_, channel) = channels.split_once("<option value=\"").unwrap();
        let channel = channel.split_once('"').unwrap().0;
        let names: String = names.bytes().map(|it| format!("%{it:02x}")).collect();
        let form = secret(&page);
        let body = format!("form={form}&names={names}&days=7&channel={channel}&{more}");
        let request = post(&self.page, &body)
            .host(&self.town.web.address.to_string())
            .header("cookie", &self.cookie);
        self.town.web.send(request).await
    }

    /// The page once nothing is under way.
    async fn finished(&self) -> Answer {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let page = self.get(&self.page).await;
            if !page.text().contains("http-equiv=\"refresh\"") {
                return page;
            }
            assert!(page.text().contains("<progress"), "progress can be seen");
            assert!(Instant::now() < end, "it ends");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The people who have a link, with its code.
    async fn people(&self) -> Vec<(String, String)> {
        let scope = Scope::new().guild(self.guild);
        let labels = self.town.ledger.labels(&scope).await.unwrap();
        let people = labels.iter().filter_map(|it| {
            let name = it.label.person()?;
            Some((name.to_owned(), it.code.to_string()))
        });
        people.collect()
    }

    fn invites(&self) -> usize {
        let world = self.town.sandbox.world();
        world.read(|it| it.guild(self.guild.get()).unwrap().invites.len())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_on_the_list_gets_a_link_with_one_use() {
    let desk = Desk::new().await;
    let before = desk.invites();
    let list = format!(
        "name,mail\nAda,a@b.example\n=1+1,x\n\"{}\",y\n",
        HOSTILE.replace('"', "\"\"")
    );
    let sent = desk.send(&list, "confirm=yes").await;
    assert_eq!(
        (sent.status, sent.headers["location"].as_str()),
        (303, desk.page.as_str())
    );
    let page = desk.finished().await;
    assert!(page.text().contains("3 links created"), "{}", page.text());
    assert!(!page.text().contains("<b onclick"));
    assert_eq!(desk.invites(), before + 3);
    let people = desk.people().await;
    let names: Vec<&str> = people.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(names, [HOSTILE, "=1+1", "Ada"]);
    desk.town.sandbox.world().read(|world| {
        for (name, code) in &people {
            let (guild, invite) = world.invite(code).unwrap();
            assert_eq!((invite.max_uses, invite.max_age), (1, 7 * 86_400), "{name}");
            let reason = guild.audit.iter().filter_map(|it| it.reason.as_deref());
            let own = format!("for {name}; by ");
            assert_eq!(
                reason.filter(|it| it.starts_with(&own)).count(),
                1,
                "{name}"
            );
        }
    });
    let csv = desk.get(&format!("{}.csv", desk.page)).await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<&str> = csv.text().lines().collect();
    assert_eq!(lines[0], "made_for,link,state,joins");
    assert!(
        lines[2].starts_with("'=1+1,https://discord.gg/"),
        "{}",
        lines[2]
    );
    assert_eq!(lines.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_before_a_failure_is_kept_and_made_no_second_time() {
    let desk = Desk::new().await;
    let before = desk.invites();
    let world = desk.town.sandbox.world();
    desk.send("Ada\nGrace", "confirm=yes").await;
    desk.finished().await;
    world.fault(FaultRule::fail(403, 1).on("POST", "*/invites"));
    desk.send("Ada\nGrace\nMary\nJoan", "confirm=yes").await;
    let page = desk.finished().await;
    assert!(page.text().contains("role=\"alert\""), "{}", page.text());
    assert!(page.text().contains("They are kept"));
    assert_eq!(desk.people().await.len(), 2);
    desk.send("Ada\nGrace\nMary\nJoan", "confirm=yes").await;
    let page = desk.finished().await;
    assert!(
        page.text().contains("2 links created; 2 already existed"),
        "{}",
        page.text()
    );
    assert_eq!(desk.people().await.len(), 4);
    assert_eq!(desk.invites(), before + 4, "nobody has two");
    // A link that has ended is no link: its person gets another one.
    let people = desk.people().await;
    let (_, code) = people.iter().find(|it| it.0 == "Ada").unwrap();
    let mut ended = InviteRecord::new(desk.guild, code.parse().unwrap(), ago(1));
    ended.expires_at = Some(ago(0));
    let claim = desk
        .town
        .ledger
        .claim(Partition::ALL, "another")
        .await
        .unwrap();
    let batch = Batch::of([Record::Invite(ended)]);
    desk.town.ledger.commit(claim, &batch).await.unwrap();
    desk.send("Ada", "confirm=yes").await;
    let page = desk.finished().await;
    assert!(page.text().contains("1 link created"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_used_makes_nothing() {
    let desk = Desk::new().await;
    let before = desk.invites();
    let many: String = (0..101).map(|it| format!("n{it}\n")).collect();
    for (names, more, says) in [
        ("Ada", "", "tick the box"),
        ("", "confirm=yes", "no name"),
        ("Ada\nAda", "confirm=yes", "line 2"),
        (many.as_str(), "confirm=yes", "101 names"),
        ("gpj.\u{202e}exe", "confirm=yes", "writing direction"),
        ("Ada\u{1b}[2J", "confirm=yes", "control"),
        ("Ada", "days=61&confirm=yes", ""),
        ("Ada", "channel=1&confirm=yes", ""),
    ] {
        // The first of two fields counts, so these have to stand before.
        let answer = if says.is_empty() {
            let page = desk.get(&desk.page).await;
            let body = format!("form={}&names=Ada&{more}&days=7&channel=1", secret(&page));
            let request = post(&desk.page, &body).host(&desk.town.web.address.to_string());
            desk.town
                .web
                .send(request.header("cookie", &desk.cookie))
                .await
        } else {
            desk.send(names, more).await
        };
        assert_eq!(answer.status, 400, "{names}: {}", answer.text());
        assert!(answer.text().contains(says), "{names}: {}", answer.text());
        assert!(!answer.text().contains('\u{202e}'));
    }
    assert_eq!(desk.invites(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_list_of_a_server_is_worked_on_at_a_time_and_a_stop_ends_it() {
    let desk = Desk::new().await;
    let world = desk.town.sandbox.world();
    let mut slow = FaultRule::delay(Duration::from_millis(300)).on("POST", "*/invites");
    slow.times = None;
    world.fault(slow);
    desk.send("Ada\nGrace\nMary", "confirm=yes").await;
    // The form is gone while links are made.
    let page = desk.get(&desk.page).await;
    assert!(page.text().contains("of 3") && !page.text().contains("name=\"names\""));
    desk.town.web.stop.cancel();
    sleep(Duration::from_millis(1_500)).await;
    let made = desk.people().await.len();
    assert!(
        (1..3).contains(&made),
        "{made}: the one under way was finished"
    );
    let codes = desk.people().await;
    world.read(|world| {
        assert!(codes.iter().all(|(_, code)| world.invite(code).is_some()));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_is_shown_with_the_name_that_its_link_was_made_for() {
    let desk = Desk::new().await;
    let code = "personal".parse().unwrap();
    let label = guestlist_ledger::Label::for_person(HOSTILE).unwrap();
    desk.town
        .ledger
        .set_label(desk.guild, &code, &label, ago(3))
        .await
        .unwrap();
    let key = JoinKey::new(desk.guild, user(700), ago(2));
    let origin = Origin::Invite {
        code,
        inviter: None,
        channel: None,
    };
    let answer = Attribution::new(key, Certainty::Confirmed(origin), ago(1));
    let batch = Batch::of([
        Record::Join(Join::new(key, ago(2))),
        Record::Attribution(answer),
    ]);
    let claim = desk
        .town
        .ledger
        .claim(Partition::ALL, "another")
        .await
        .unwrap();
    desk.town.ledger.commit(claim, &batch).await.unwrap();
    let escaped = "&lt;b onclick=&quot;x&quot;&gt;'&gt;";
    let list = desk.get("/joins").await;
    assert!(
        list.text()
            .contains(&format!("link created for <bdi>{escaped}</bdi>"))
    );
    let path = format!(
        "/joins/{}/{}/{}",
        desk.guild,
        key.user,
        key.joined_at.as_millis()
    );
    let page = desk.get(&path).await;
    assert!(
        page.text().contains("<dt>Link created for</dt>"),
        "{}",
        page.text()
    );
    assert!(page.text().contains(escaped) && !page.text().contains("<b onclick"));
}
