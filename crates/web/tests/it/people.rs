//! People who log in with Discord, which a sandbox plays, at a dashboard over two servers.

use std::sync::Arc;
use std::time::Duration;

use guestlist_client::{ApiBase, Client, ClientSecret, OauthClient, Token};
use guestlist_ledger::{Batch, GuildInfo, Partition, SqliteLedger, Store};
use guestlist_model::GuildId;
use guestlist_sandbox::world::{NewInvite, permissions};
use guestlist_sandbox::{Options, Running, Sandbox};
use guestlist_testkit::http::{Answer, Request};
use guestlist_tracker::{Attribution, Certainty, InviteRecord, Join, JoinKey, Origin, Record};
use guestlist_web::{Dashboard, DiscordLogin};

use crate::ledger::{ago, user};
use crate::serving::Serving;

/// A dashboard over two servers of a sandbox. Whatever is of the first has "alpha" in its
/// name, whatever is of the second "beta".
pub(crate) struct Town {
    pub(crate) sandbox: Running,
    pub(crate) ledger: Arc<SqliteLedger>,
    pub(crate) web: Serving,
    pub(crate) guilds: [u64; 2],
}

/// A way of a browser back from Discord.
pub(crate) struct Way {
    /// The cookie of the log-in that was begun.
    pub(crate) cookie: String,
    /// Where Discord sent the browser.
    pub(crate) back: String,
}

pub(crate) const ALPHA: &str = "alpha";
pub(crate) const BETA: &str = "beta";

/// The login of the sandbox's application.
pub(crate) fn login(sandbox: &Running, secret: &str) -> DiscordLogin {
    let base: ApiBase = sandbox.api_url().parse().unwrap();
    let id = sandbox.client_id().to_string().parse().unwrap();
    let secret = ClientSecret::new(secret).unwrap();
    DiscordLogin::new(OauthClient::new(id, secret, base).unwrap())
}

impl Town {
    pub(crate) async fn new() -> Self {
        Self::with(|_, it| it).await
    }

    /// A town whose dashboard is set up further.
    pub(crate) async fn with(set_up: impl FnOnce(&Running, Dashboard) -> Dashboard) -> Self {
        let sandbox = Sandbox::start(Options::seeded(7).guilds(2)).await.unwrap();
        let secret = sandbox.client_secret().to_owned();
        let ledger = Arc::new(SqliteLedger::in_memory().await.unwrap());
        let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
        let guilds = [sandbox.guild_ids()[0], sandbox.guild_ids()[1]];
        for ((name, guild), first) in [ALPHA, BETA].into_iter().zip(guilds).zip([100, 200]) {
            let guild: GuildId = guild.to_string().parse().unwrap();
            let mut invite = InviteRecord::new(guild, name.parse().unwrap(), ago(60));
            invite.inviter = Some(user(first));
            invite.inviter_name = Some(format!("{name} inviter"));
            let mut records = vec![Record::Invite(invite)];
            for number in 0..30 {
                let key = JoinKey::new(guild, user(first + 1 + number), ago(30));
                let mut join = Join::new(key, ago(30));
                join.name = Some(format!("{name} member"));
                records.push(Record::Join(join));
                let answer = Certainty::Confirmed(Origin::Invite {
                    code: name.parse().unwrap(),
                    inviter: Some(user(first)),
                    channel: None,
                });
                records.push(Record::Attribution(Attribution::new(key, answer, ago(29))));
            }
            let mut batch = Batch::of(records);
            batch.guilds.push(GuildInfo::new(guild, name));
            ledger.commit(claim, &batch).await.unwrap();
        }
        let token = Token::new(sandbox.token()).unwrap();
        let base: ApiBase = sandbox.api_url().parse().unwrap();
        let client = Client::builder(token).api(base).build().unwrap();
        let dashboard = Dashboard::new(Arc::clone(&ledger) as _)
            .labels(Arc::clone(&ledger) as _)
            .client(client)
            // Each request asks Discord.
            .discord(login(&sandbox, &secret).look_again(Duration::ZERO));
        let web = Serving::with(set_up(&sandbox, dashboard)).await;
        Self {
            sandbox,
            ledger,
            web,
            guilds,
        }
    }

    pub(crate) fn owner(&self, place: usize) -> u64 {
        let world = self.sandbox.world();
        world.read(|it| it.guild(self.guilds[place]).unwrap().owner_id)
    }

    /// Somebody who is in a server, and may do this there.
    pub(crate) fn member(&self, place: usize, may: u64) -> u64 {
        let guild = self.guilds[place];
        let world = self.sandbox.world();
        let made = world.create_invite(guild, NewInvite::default()).unwrap();
        let joined = world.accept_invite(&made.code, None).unwrap();
        self.permit(place, joined.user_id, may);
        joined.user_id
    }

    /// Changes what somebody may do in a server.
    pub(crate) fn permit(&self, place: usize, member: u64, may: u64) {
        let change = |world: &mut guestlist_sandbox::world::World| {
            let guild = world.guild_mut(self.guilds[place]).unwrap();
            let mut role = guild.roles[&guild.id].clone();
            (role.id, role.permissions) = (member, may);
            guild.roles.insert(member, role);
            guild.members.get_mut(&member).unwrap().roles = vec![member];
            Ok::<_, ()>(((), Vec::new()))
        };
        self.sandbox.world().act(change).unwrap();
    }

    /// A request as a browser sends it that opened the address which was printed.
    pub(crate) fn request(&self, method: &str, target: &str) -> Request {
        Request::new(method, target).host(&self.web.address.to_string())
    }

    /// Begins to log in: the cookie, and the address at Discord.
    pub(crate) async fn begin(&self, next: &str) -> (String, String) {
        let target = format!("/login/discord?next={next}");
        let answer = self.web.send(self.request("GET", &target)).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let cookie = answer.headers["set-cookie"].split(';').next().unwrap();
        (cookie.to_owned(), answer.headers["location"].clone())
    }

    /// Agrees at Discord: where it leads back to.
    pub(crate) async fn agree(&self, authorize: &str, who: &str) -> String {
        let path = authorize.strip_prefix(&self.sandbox.api_url()).unwrap();
        let request = Request::new("GET", &format!("{path}&sandbox_user={who}"));
        let answer = request.send_async(self.sandbox.address()).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        let own = format!("http://{}", self.web.address);
        let back = answer.headers["location"].strip_prefix(&own).unwrap();
        back.to_owned()
    }

    pub(crate) async fn way(&self, who: u64, next: &str) -> Way {
        let (cookie, authorize) = self.begin(next).await;
        let back = self.agree(&authorize, &who.to_string()).await;
        Way { cookie, back }
    }

    /// Comes back from Discord with this cookie.
    pub(crate) async fn back(&self, target: &str, cookie: &str) -> Answer {
        let request = self.request("GET", target).header("cookie", cookie);
        self.web.send(request).await
    }

    /// Logs somebody in: the cookie.
    pub(crate) async fn enter(&self, who: u64) -> String {
        let way = self.way(who, "/").await;
        let answer = self.back(&way.back, &way.cookie).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        session(&answer).unwrap()
    }

    pub(crate) async fn get(&self, target: &str, cookie: &str) -> Answer {
        self.back(target, cookie).await
    }
}

/// The cookie of a session that an answer sets, as a browser sends it.
pub(crate) fn session(answer: &Answer) -> Option<String> {
    let cookie = answer.headers.get("set-cookie")?.split(';').next()?;
    Some(cookie.to_owned())
}

/// Manage Server.
pub(crate) const MANAGE: u64 = permissions::MANAGE_GUILD;
