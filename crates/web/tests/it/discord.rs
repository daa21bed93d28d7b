//! Attacks on the log-in with Discord. `docs/security.md` lists them.

use guestlist_sandbox::{FaultRule, world::permissions};
use guestlist_testkit::http::Request;
use guestlist_web::{Dashboard, WebToken};

use crate::pages::PAGES;
use crate::people::{ALPHA, BETA, MANAGE, Town, login, session};
use crate::security::{post, secret};

/// Whether a cookie opens anything.
async fn opens(town: &Town, cookie: &str) -> bool {
    town.get("/joins", cookie).await.status == 200
}

/// Nobody was let in, and nothing is shown.
async fn stays_out(town: &Town, answer: &guestlist_testkit::http::Answer, what: &str) {
    assert!(answer.status >= 400, "{what}: {}", answer.status);
    assert!(!answer.text().contains(ALPHA), "{what}");
    if let Some(cookie) = session(answer) {
        assert!(!opens(town, &cookie).await, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_manages_a_server_sees_it_and_no_other() {
    let town = Town::new().await;
    let [own, other] = town.guilds;
    for who in [
        town.owner(0),
        town.member(0, MANAGE),
        town.member(0, permissions::ADMINISTRATOR),
    ] {
        let cookie = town.enter(who).await;
        for page in PAGES {
            let answer = town.get(page, &cookie).await;
            assert_eq!(answer.status, 200, "{page}");
            assert!(
                answer.text().contains(ALPHA),
                "{page} is about the own server"
            );
            assert!(
                !answer.text().contains(BETA),
                "{page} has nothing of another"
            );
            let chosen = town
                .get(&format!("{page}?guild={own}&span=all"), &cookie)
                .await;
            assert_eq!(chosen.status, 200, "{page}");
            let denied = town.get(&format!("{page}?guild={other}"), &cookie).await;
            assert_eq!(denied.status, 404, "{page}");
            assert!(!denied.text().contains(BETA), "{page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_and_every_path_keep_other_servers_hidden() {
    let town = Town::new().await;
    let [own, other] = town.guilds;
    let cookie = town.enter(town.owner(0)).await;
    let document = town.get("/api/v1/openapi.json", &cookie).await.json();
    for path in document["paths"].as_object().unwrap().keys() {
        let answer = town.get(path, &cookie).await;
        assert_eq!(answer.status, 200, "{path}");
        let text = answer.text();
        let foreign = text.contains(BETA) || text.contains(&other.to_string());
        assert!(!foreign, "{path}: {text}");
        let denied = town.get(&format!("{path}?guild={other}"), &cookie).await;
        assert_eq!(denied.status, 404, "{path}");
        assert_eq!(denied.json()["error"]["status"], 404, "{path}");
    }
    let joins = town.get("/api/v1/joins", &cookie).await.json();
    assert_eq!(joins["data"][0]["guild_id"], own.to_string());
    // A join and an invite of the other server, by their addresses.
    let rows = {
        use guestlist_ledger::{Page, Reports, Scope};
        let guild = other.to_string().parse().unwrap();
        let scope = Scope::new().guild(guild);
        town.ledger.joins(&scope, Page::first(1)).await.unwrap()
    };
    let key = rows[0].join.key;
    let at = key.joined_at.as_millis();
    for path in [
        format!("/joins/{other}/{}/{at}", key.user),
        // Leading zeros and spaces do not make it another server.
        format!("/joins/0{other}/{}/{at}", key.user),
        format!("/invites/{other}/{BETA}"),
        format!("/guilds/{other}/invites"),
        format!("/guilds/{other}/personal"),
        format!("/guilds/{other}/personal.csv"),
        format!("/live?guild={other}"),
        format!("/invites/{other}/{BETA}?guild={own}"),
    ] {
        let denied = town.get(&path, &cookie).await;
        assert_eq!(denied.status, 404, "{path}");
        assert!(
            !denied.text().contains(BETA) || path.contains(BETA),
            "{path}"
        );
    }
    let metrics = town.get("/metrics", &cookie).await;
    assert_eq!(metrics.status, 403);
    assert!(!metrics.text().contains("guestlist_joins"));
    let page = town.get("/joins", &cookie).await;
    let form = format!(
        "form={}&confirm=yes&label=x&hours=1&days=1&uses=1&names=ada",
        secret(&page)
    );
    for path in [
        format!("/invites/{other}/{BETA}/label"),
        format!("/invites/{other}/{BETA}/revoke"),
        format!("/guilds/{other}/pause"),
        format!("/guilds/{other}/invites"),
        format!("/guilds/{other}/personal"),
    ] {
        let request = post(&path, &form).host(&town.web.address.to_string());
        let denied = town.web.send(request.header("cookie", &cookie)).await;
        assert_eq!(denied.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_without_manage_server_is_not_let_in() {
    let town = Town::new().await;
    let all_but = permissions::MANAGE_CHANNELS | permissions::MANAGE_ROLES | 1 << 13 | 1 << 1;
    for who in [town.member(0, 0), town.member(0, all_but)] {
        let way = town.way(who, "/").await;
        let answer = town.back(&way.back, &way.cookie).await;
        assert_eq!(answer.status, 403);
        assert!(
            answer
                .text()
                .contains("You do not manage a server in this ledger")
        );
        stays_out(&town, &answer, "a member").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_withdrawn_closes_the_server() {
    let town = Town::new().await;
    let who = town.member(0, MANAGE);
    town.sandbox
        .world()
        .act(|world| {
            let member = world.guild(town.guilds[0]).unwrap().members[&who].clone();
            let guild = world.guild_mut(town.guilds[1]).unwrap();
            guild.members.insert(who, member);
            Ok::<_, ()>(((), Vec::new()))
        })
        .unwrap();
    town.permit(1, who, MANAGE);
    let cookie = town.enter(who).await;
    let [own, other] = town.guilds.map(|it| format!("/joins?guild={it}"));
    assert_eq!(town.get(&other, &cookie).await.status, 200);
    town.permit(1, who, 0);
    assert_eq!(town.get(&other, &cookie).await.status, 404);
    assert_eq!(town.get(&own, &cookie).await.status, 200);
    town.permit(0, who, 0);
    assert_eq!(
        town.get(&own, &cookie).await.status,
        303,
        "the visit has ended"
    );
    town.permit(0, who, MANAGE);
    assert_eq!(town.get(&own, &cookie).await.status, 303);
    // Who takes back at Discord what they agreed to is out as well.
    let cookie = town.enter(who).await;
    assert!(opens(&town, &cookie).await);
    town.sandbox.world().withdraw(who);
    assert!(!opens(&town, &cookie).await);
    // One person's token says nothing of another's.
    let owner = town.enter(town.owner(0)).await;
    assert!(opens(&town, &owner).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_is_missing_forged_used_or_of_another_browser_lets_nobody_in() {
    let town = Town::new().await;
    let owner = town.owner(0);
    let with = |back: &str, state: Option<&str>| {
        let (path, query) = back.split_once('?').unwrap();
        let mut kept: Vec<&str> = query
            .split('&')
            .filter(|it| !it.starts_with("state="))
            .collect();
        let state = state.map(|it| format!("state={it}"));
        kept.extend(state.as_deref());
        format!("{path}?{}", kept.join("&"))
    };
    let forged = "0".repeat(64);
    for (state, what) in [
        (None, "no state"),
        (Some(""), "an empty state"),
        (Some(forged.as_str()), "a forged state"),
    ] {
        let way = town.way(owner, "/").await;
        let answer = town.back(&with(&way.back, state), &way.cookie).await;
        assert_eq!(answer.status, 400, "{what}");
        stays_out(&town, &answer, what).await;
        let answer = town.back(&way.back, &way.cookie).await;
        assert_eq!(answer.status, 400, "{what}: there is one guess");
    }
    let (one, two) = (town.way(owner, "/").await, town.way(owner, "/").await);
    for cookie in [two.cookie.as_str(), "guestlist=1", ""] {
        let answer = town.back(&one.back, cookie).await;
        assert_eq!(answer.status, 400, "another browser: {cookie}");
        stays_out(&town, &answer, "another browser").await;
    }
    let way = town.way(owner, "/").await;
    let doubled = format!("{}&state={forged}", way.back);
    assert_eq!(
        town.back(&doubled, &way.cookie).await.status,
        400,
        "two states"
    );
    let way = town.way(owner, "/").await;
    assert_eq!(town.back(&way.back, &way.cookie).await.status, 200);
    let again = town.back(&way.back, &way.cookie).await;
    assert_eq!(again.status, 400, "used");
    stays_out(&town, &again, "used").await;
}

/// The code in an address, put into another one.
fn with_code_of(back: &str, other: &str) -> String {
    let code = |it: &str| {
        let (_, rest) = it.split_once("code=").unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    back.replace(&code(back), &code(other))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_used_or_is_of_another_log_in_is_refused() {
    let town = Town::new().await;
    let owner = town.owner(0);
    let used = town.way(owner, "/").await;
    assert_eq!(town.back(&used.back, &used.cookie).await.status, 200);
    let way = town.way(owner, "/").await;
    let answer = town
        .back(&with_code_of(&way.back, &used.back), &way.cookie)
        .await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("already been used"));
    stays_out(&town, &answer, "a code that was used").await;
    // An attacker's code in the victim's browser, and the other way round: the verifier of
    // one log-in does not fit the code of another.
    let (attacker, victim) = (town.way(owner, "/").await, town.way(owner, "/").await);
    let answer = town
        .back(&with_code_of(&victim.back, &attacker.back), &victim.cookie)
        .await;
    assert_eq!(answer.status, 400);
    stays_out(&town, &answer, "a code of another log-in").await;
    let way = town.way(owner, "/").await;
    let answer = town
        .back(&way.back.replace("code=", "x="), &way.cookie)
        .await;
    assert_eq!(answer.status, 400, "no code");
    // Guessing is slowed down.
    for _ in 0..3 {
        let way = town.way(owner, "/").await;
        town.back(&with_code_of(&way.back, &used.back), &way.cookie)
            .await;
    }
    let way = town.way(owner, "/").await;
    let answer = town.back(&way.back, &way.cookie).await;
    assert_eq!(answer.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_to_discord_has_a_state_a_challenge_and_no_secret() {
    let town = Town::new().await;
    let (cookie, authorize) = town.begin("/joins").await;
    let (base, query) = authorize.split_once('?').unwrap();
    assert_eq!(base, format!("{}/oauth2/authorize", town.sandbox.api_url()));
    let pairs: Vec<(&str, &str)> = query
        .split('&')
        .filter_map(|it| it.split_once('='))
        .collect();
    let text = |name: &str| pairs.iter().find(|it| it.0 == name).unwrap().1;
    assert_eq!(text("scope"), "identify%20guilds");
    assert_eq!(text("response_type"), "code");
    assert_eq!(text("code_challenge_method"), "S256");
    assert_eq!(text("code_challenge").len(), 43);
    assert_eq!(text("state").len(), 64);
    assert!(!authorize.contains(town.sandbox.client_secret()));
    assert!(!authorize.contains(cookie.split_once('=').unwrap().1));
    let other = town.begin("/joins").await;
    assert_ne!((cookie, authorize), other, "each log-in has its own");
    let target = "/login/discord?next=%2F";
    let secure = town
        .request("GET", target)
        .header("x-forwarded-proto", "https");
    let answer = town.web.send(secure).await;
    let set = &answer.headers["set-cookie"];
    for part in [
        "; HttpOnly",
        "; SameSite=Lax",
        "; Path=/login/discord/back",
        "; Max-Age=600",
        "; Secure",
    ] {
        assert!(set.contains(part), "{part}: {set}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_leads_to_our_own_pages_alone() {
    let town = Town::new().await;
    let owner = town.owner(0);
    for (next, leads) in [
        ("%2Fjoins%3Fspan%3D7d", "/joins?span=7d"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
        ("javascript%3Aalert(1)", "/"),
        ("%2F%22%3E%3Cscript%3E", "/&quot;&gt;&lt;script&gt;"),
    ] {
        let way = town.way(owner, next).await;
        let answer = town.back(&way.back, &way.cookie).await;
        let refresh = format!("<meta http-equiv=\"refresh\" content=\"0;url={leads}\">");
        assert!(
            answer.text().contains(&refresh),
            "{next}: {}",
            answer.text()
        );
        assert!(!answer.text().contains("evil.example"), "{next}");
    }
    // From another name of this machine it leads to the one that Discord knows.
    let other = Request::new("GET", "/login/discord?next=%2F%2Fevil.example").host("localhost");
    let answer = town.web.send(other).await;
    let own = format!("http://{}/login/discord?next=%2F", town.web.address);
    assert_eq!(answer.headers["location"], own);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_is_new_and_ends_with_the_log_out() {
    let town = Town::new().await;
    let owner = town.owner(0);
    let planted = format!("guestlist-{}={}", town.web.address.port(), "a".repeat(64));
    let way = town.way(owner, "/").await;
    let both = format!("{}; {planted}", way.cookie);
    let answer = town.back(&way.back, &both).await;
    let set = answer.headers["set-cookie"].clone();
    assert!(
        set.contains("; HttpOnly") && set.contains("; SameSite=Strict"),
        "{set}"
    );
    let cookie = session(&answer).unwrap();
    assert_ne!(cookie, planted);
    assert!(
        !opens(&town, &planted).await,
        "what was planted opens nothing"
    );
    assert!(
        !opens(&town, &way.cookie).await,
        "nor does the cookie of the way"
    );
    let page = town.get("/joins", &cookie).await;
    assert!(page.text().contains("Log out"));
    let out = post("/logout", &format!("form={}", secret(&page))).header("cookie", &cookie);
    let out = out.host(&town.web.address.to_string());
    assert_eq!(town.web.send(out).await.status, 303);
    assert!(!opens(&town, &cookie).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_refuses_or_whom_discord_does_not_answer_is_told_so() {
    let town = Town::new().await;
    let owner = town.owner(0);
    let (cookie, authorize) = town.begin("/").await;
    let back = town.agree(&authorize, "deny").await;
    let answer = town.back(&back, &cookie).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("You did not allow Discord"));
    let world = town.sandbox.world();
    for path in ["/oauth2/token", "/users/@me/guilds", "/users/@me"] {
        for status in [500, 503] {
            let way = town.way(owner, "/").await;
            world.fault(FaultRule::fail(status, 1).on(
                if path.starts_with("/o") {
                    "POST"
                } else {
                    "GET"
                },
                path,
            ));
            let answer = town.back(&way.back, &way.cookie).await;
            assert_eq!(answer.status, 502, "{path} {status}");
            assert!(answer.text().contains("Discord does not respond"), "{path}");
            stays_out(&town, &answer, path).await;
            world.clear_faults();
        }
    }
    // Somebody who is in stays in for a while, though Discord does not answer.
    let cookie = town.enter(owner).await;
    world.fault(FaultRule::fail(503, 9).on("GET", "/users/@me/guilds"));
    assert!(opens(&town, &cookie).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_client_secret_is_told_and_not_shown() {
    let town = Town::with(|sandbox, it| it.discord(login(sandbox, "s3cret-but-wrong"))).await;
    let way = town.way(town.owner(0), "/").await;
    let answer = town.back(&way.back, &way.cookie).await;
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("client secret"));
    assert!(!answer.text().contains("s3cret"));
    stays_out(&town, &answer, "a wrong secret").await;
    let login = login(&town.sandbox, "s3cret-but-wrong");
    assert!(!format!("{login:?}").contains("s3cret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_logging_in_nothing_is_shown_and_the_token_shows_all() {
    const TOKEN: &str = "correct-horse-battery";
    let open: fn(&guestlist_sandbox::Running, Dashboard) -> Dashboard = |_, it| it;
    for (town, has_token) in [
        (Town::with(open).await, false),
        (
            Town::with(|_, it| it.token(WebToken::new(TOKEN).unwrap())).await,
            true,
        ),
    ] {
        for page in PAGES
            .into_iter()
            .chain(["/live", "/api/v1/joins", "/metrics"])
        {
            let answer = town.get(page, "").await;
            assert!(matches!(answer.status, 303 | 401), "{page}");
            assert!(!answer.text().contains(ALPHA), "{page}");
        }
        let page = town.get("/login", "").await;
        assert!(page.text().contains("Log in with Discord"));
        assert_eq!(page.text().contains("name=\"token\""), has_token);
        let bearer = town
            .request("GET", "/joins")
            .header("authorization", &format!("Bearer {TOKEN}"));
        let answer = town.web.send(bearer).await;
        assert_eq!(answer.status, if has_token { 200 } else { 401 });
        let all = answer.text().contains(ALPHA) && answer.text().contains(BETA);
        assert_eq!(all, has_token);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_names_who_made_it_in_the_audit_log() {
    let town = Town::new().await;
    let who = town.member(0, MANAGE);
    let cookie = town.enter(who).await;
    let page = town
        .get(&format!("/guilds/{}/invites", town.guilds[0]), &cookie)
        .await;
    let (_, channels) = page.text().split_once("name=\"channel\"").unwrap();
    let (_, channel) = channels.split_once("<option value=\"").unwrap();
    let channel = channel.split_once('"').unwrap().0;
    let form = format!(
        "form={}&channel={channel}&days=1&uses=1&reason=for+ada&confirm=yes",
        secret(&page)
    );
    let request = post(&format!("/guilds/{}/invites", town.guilds[0]), &form)
        .host(&town.web.address.to_string())
        .header("cookie", &cookie);
    assert_eq!(town.web.send(request).await.status, 200);
    let reason = town.sandbox.world().read(|world| {
        let audit = &world.guild(town.guilds[0]).unwrap().audit;
        audit.last().unwrap().reason.clone().unwrap()
    });
    assert!(reason.starts_with("for ada; by "), "{reason}");
    assert!(reason.contains(&who.to_string()), "{reason}");
}
