//! Changes at Discord, which a sandbox plays.

use std::sync::Arc;

use guestlist_client::{ApiBase, Client, Token};
use guestlist_ledger::{Batch, Partition, SqliteLedger, Store};
use guestlist_model::GuildId;
use guestlist_sandbox::{FaultRule, Options, Running, Sandbox, world::permissions};
use guestlist_tracker::{InviteRecord, Record};
use guestlist_web::Dashboard;

use crate::ledger::ago;
use crate::security::{cookie, post, secret};
use crate::serving::Serving;

struct Managed {
    sandbox: Running,
    client: Client,
    web: Serving,
    guild: GuildId,
    code: String,
}

/// A dashboard with a client, over a ledger that knows the first invite of the first server.
async fn managed() -> Managed {
    let sandbox = Sandbox::start(Options::seeded(7).guilds(1)).await.unwrap();
    let token = Token::new(sandbox.token()).unwrap();
    let base: ApiBase = sandbox.api_url().parse().unwrap();
    let client = Client::builder(token).api(base).build().unwrap();
    let guild = client.list_current_guilds().await.unwrap()[0].id;
    let code = client.list_guild_invites(guild).await.unwrap().invites[0]
        .code()
        .to_string();
    let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
    let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
    let invite = InviteRecord::new(guild, code.parse().unwrap(), ago(1));
    ledger
        .commit(claim, &Batch::of([Record::Invite(invite)]))
        .await
        .unwrap();
    let web = Serving::with(Dashboard::new(ledger).client(client.clone())).await;
    Managed {
        sandbox,
        client,
        web,
        guild,
        code,
    }
}

impl Managed {
    /// Sends a form of a page.
    async fn send(&self, page: &str, target: &str, fields: &str) -> (u16, String) {
        let page = self.web.get(page).await;
        let (cookie, secret) = (cookie(&page).1, secret(&page));
        let body = format!("form={secret}&{fields}");
        let answer = self
            .web
            .send(post(target, &body).header("cookie", &cookie))
            .await;
        (answer.status, answer.text().to_owned())
    }

    async fn codes(&self) -> Vec<String> {
        let invites = self.client.list_guild_invites(self.guild).await.unwrap();
        invites
            .invites
            .iter()
            .map(|it| it.code().to_string())
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_is_revoked_when_that_is_confirmed() {
    let it = managed().await;
    let page = format!("/invites/{}/{}", it.guild, it.code);
    let target = format!("{page}/revoke");
    assert_eq!(
        it.send(&page, &target, "reason=old").await.0,
        400,
        "not confirmed"
    );
    assert_eq!(
        it.web.send(post(&target, "confirm=yes")).await.status,
        403,
        "no secret"
    );
    assert!(it.codes().await.contains(&it.code));
    let other = it
        .codes()
        .await
        .into_iter()
        .find(|code| *code != it.code)
        .unwrap();
    let elsewhere = format!("/invites/{}/{other}/revoke", it.guild);
    let unknown = it.send(&page, &elsewhere, "confirm=yes").await.0;
    assert_eq!(unknown, 404, "the ledger has no such invite of this server");
    assert_eq!(
        it.send(&page, &target, "confirm=yes&reason=old").await.0,
        303
    );
    let codes = it.codes().await;
    assert!(!codes.contains(&it.code) && codes.contains(&other));
    it.sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invites_are_made_and_paused() {
    let it = managed().await;
    let page = format!("/guilds/{}/invites", it.guild);
    let form = it.web.get(&page).await;
    let (_, channels) = form.text().split_once("name=\"channel\"").unwrap();
    let (_, channel) = channels.split_once("<option value=\"").unwrap();
    let channel = channel.split_once('"').unwrap().0.to_owned();
    let before = it.codes().await.len();
    let fields =
        |days: &str| format!("channel={channel}&days={days}&uses=1&reason=for+ada&confirm=yes");
    assert_eq!(it.send(&page, &page, &fields("61")).await.0, 400);
    let elsewhere = fields("1").replace(&channel, "1");
    assert_eq!(it.send(&page, &page, &elsewhere).await.0, 400);
    let (status, made) = it.send(&page, &page, &fields("1")).await;
    assert_eq!(status, 200);
    assert!(made.contains("https://discord.gg/"), "{made}");
    assert_eq!(it.codes().await.len(), before + 1);

    let alerts = format!("/alerts?guild={}", it.guild);
    let target = format!("/guilds/{}/pause", it.guild);
    assert_eq!(
        it.send(&alerts, &target, "hours=25&confirm=yes").await.0,
        400
    );
    let (status, paused) = it.send(&alerts, &target, "hours=2&confirm=yes").await;
    assert_eq!(status, 200);
    assert!(paused.contains("paused until"), "{paused}");
    let shown = async || it.web.get(&alerts).await.text().to_owned();
    assert!(
        shown().await.contains("paused until"),
        "as long as it lasts"
    );
    let (status, ended) = it.send(&alerts, &target, "hours=0&confirm=yes").await;
    assert_eq!(status, 200);
    assert!(ended.contains("work again"), "{ended}");
    assert!(!shown().await.contains("paused until"), "it is over");
    // What others have done is asked for.
    let until = guestlist_model::Timestamp::from(std::time::SystemTime::now());
    let until = until.saturating_add(std::time::Duration::from_secs(600));
    let other = Serving::with(
        Dashboard::new(Arc::new(SqliteLedger::in_memory().await.unwrap()))
            .client(it.client.clone()),
    )
    .await;
    let actions = it.client.set_incident_actions(it.guild);
    actions.invites_disabled_until(until).await.unwrap();
    let page = other.get(&alerts).await;
    assert!(page.text().contains("paused until"), "by somebody else");
    it.sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discord_that_fails_is_not_asked_for_a_pause_at_each_look() {
    let it = managed().await;
    let alerts = format!("/alerts?guild={}", it.guild);
    let fails = FaultRule::fail(403, u32::MAX).on("GET", "/guilds/*");
    let fault = it.sandbox.world().scoped_fault(fails);
    assert_eq!(it.web.get(&alerts).await.status, 200);
    let asked = it.sandbox.world().request_count();
    assert_eq!(it.web.get(&alerts).await.status, 200);
    assert_eq!(it.sandbox.world().request_count(), asked);
    drop(fault);
    it.sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_which_permission_is_missing_and_what_that_costs() {
    let it = managed().await;
    let health = format!("/tracking?guild={}", it.guild);
    let page = it.web.get(&health).await;
    assert!(
        page.text()
            .contains("the bot has all permissions that it needs"),
        "{}",
        page.text()
    );
    it.sandbox.shutdown().await;
    let again = it.web.get(&health).await;
    assert!(
        again
            .text()
            .contains("the bot has all permissions that it needs"),
        "it is believed for a minute"
    );
    let it = managed().await;
    let guild = it.guild.get();
    let world = it.sandbox.world();
    let lessen = |world: &mut guestlist_sandbox::world::World| {
        let bot = world.bot().id;
        let guild = world.guild_mut(guild).unwrap();
        for role in guild.roles.values_mut().filter(|it| it.bot_id == Some(bot)) {
            role.permissions &= !(permissions::MANAGE_GUILD | permissions::VIEW_AUDIT_LOG);
        }
        Ok::<_, ()>(((), Vec::new()))
    };
    world.act(lessen).unwrap();
    let page = it.web.get(&format!("/tracking?guild={guild}")).await;
    for words in [
        "does not work",
        "joins cannot be attributed",
        "who revoked an invite",
        "give the bot&#39;s role Manage Server, View Audit Log",
    ] {
        let words = words.replace("&#39;", "'");
        assert!(page.text().contains(&words), "{words}: {}", page.text());
    }
    let page = it.web.get("/tracking?guild=1").await;
    assert!(
        page.text().contains("the bot is not in the server 1"),
        "{}",
        page.text()
    );
    it.sandbox.shutdown().await;
}

#[tokio::test]
async fn without_a_client_nothing_at_discord_is_offered() {
    let (ledger, _) = crate::ledger::small("ferris").await;
    let web = Serving::of(ledger).await;
    let guild = crate::ledger::guild();
    let page = web.get(&format!("/alerts?guild={guild}")).await;
    assert!(!page.text().contains("Pause all invites"));
    let page = web.get(&format!("/guilds/{guild}/invites")).await;
    assert_eq!(page.status, 404);
}
