//! How fast lists, frames and texts are worked through: `cargo bench -p guestlist-model`.
//!
//! The corpus is made from a seed, in the shape of what Discord sends. Peers are compared
//! in `compare/`; this is for finding out whether a change helped.

#![expect(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark stops at what is wrong"
)]

use std::fmt::Write as _;

use divan::counter::{BytesCount, ItemsCount};
use guestlist_model::{Decoder, Event, decode_invites, find_invites};

fn main() {
    divan::main();
}

/// A number that depends on a seed and a place (SplitMix64).
fn random(seed: u64, at: u64) -> u64 {
    let mut z = seed.wrapping_add(at.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

fn user(of: u64) -> String {
    let id = 200_000_000_000_000_000 + of * 7_919;
    let avatar = random(1, of);
    format!(
        r#"{{"id":"{id}","username":"member_{of}","avatar":"{avatar:016x}{avatar:016x}","discriminator":"0","public_flags":0,"flags":0,"banner":null,"accent_color":null,"global_name":"Member {of}","avatar_decoration_data":null,"collectibles":null,"display_name_styles":null,"banner_color":null,"clan":null,"primary_guild":null}}"#
    )
}

fn code(of: u64) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut number = random(2, of);
    let mut code = String::new();
    for _ in 0..8 {
        code.push(char::from(LETTERS[number as usize % LETTERS.len()]));
        number /= 62;
    }
    code
}

/// A list of invites in which so many different members are inviters.
fn list(invites: u64, inviters: u64) -> Vec<u8> {
    let guild = r#"{"id":"1046920999469330512","name":"Alien Network","splash":"b40e61f7730b8781b9a551964570e0cc","banner":"a_98d07f130569f17e8352df80c3a2bc2b","description":"Where the 👽s 👽 and sometimes very 👽 things happen 😨.","icon":"66b0f4d96c145970fa9d96ada8afadf3","features":["ANIMATED_BANNER","ANIMATED_ICON","AUTO_MODERATION","BANNER","CHANNEL_ICON_EMOJIS_GENERATED","COMMUNITY","DISCOVERABLE","ENABLED_DISCOVERABLE_BEFORE","INVITE_SPLASH","MEMBER_PROFILES","MEMBER_VERIFICATION_GATE_ENABLED","NEWS","PREVIEW_ENABLED","ROLE_ICONS","SOUNDBOARD","THREE_DAY_THREAD_ARCHIVE","VANITY_URL","WELCOME_SCREEN_ENABLED"],"verification_level":2,"vanity_url_code":"alien","nsfw_level":0,"nsfw":false,"premium_subscription_count":14,"premium_tier":3}"#;
    let mut out = "[".to_owned();
    for at in 0..invites {
        if at > 0 {
            out.push(',');
        }
        let channel = random(3, at) % 40;
        let uses = random(4, at) % 500;
        let micros = random(5, at) % 1_000_000;
        let _ = write!(
            out,
            r#"{{"type":0,"code":"{}","inviter":{},"max_age":604800,"created_at":"2025-03-{:02}T11:40:31.{micros:06}+00:00","expires_at":"2025-03-{:02}T11:40:31+00:00","guild":{guild},"guild_id":"1046920999469330512","channel":{{"id":"10572414257937981{channel:02}","type":0,"name":"channel-{channel}"}},"uses":{uses},"max_uses":0,"temporary":false,"flags":0}}"#,
            code(at),
            user(random(6, at) % inviters),
            at % 20 + 1,
            at % 20 + 8,
        );
    }
    out.push(']');
    out.into_bytes()
}

fn frame(of: u64) -> Vec<u8> {
    format!(
        r#"{{"t":"INVITE_CREATE","s":{of},"op":0,"d":{{"channel_id":"100000000000000000","code":"{}","created_at":"2022-02-01T00:33:54.098426+00:00","guild_id":"200000000000000000","inviter":{},"max_age":604800,"max_uses":0,"temporary":false,"uses":0,"type":0,"flags":0,"expires_at":"2022-02-08T00:33:54+00:00"}}}}"#,
        code(of),
        user(of),
    )
    .into_bytes()
}

#[divan::bench(args = [50, 1000])]
fn list_of_1000(bencher: divan::Bencher<'_, '_>, inviters: u64) {
    let list = list(1000, inviters);
    bencher
        .counter(ItemsCount::new(1000usize))
        .counter(BytesCount::new(list.len()))
        .bench(|| decode_invites(&list).unwrap());
}

#[divan::bench(args = [50, 1000])]
fn list_of_1000_again(bencher: divan::Bencher<'_, '_>, inviters: u64) {
    let list = list(1000, inviters);
    let mut decoder = Decoder::new();
    bencher
        .counter(ItemsCount::new(1000usize))
        .counter(BytesCount::new(list.len()))
        .bench_local(|| decoder.invites(&list).unwrap());
}

#[divan::bench]
fn invite_create_frames(bencher: divan::Bencher<'_, '_>) {
    let frames: Vec<_> = (0..256).map(frame).collect();
    bencher.counter(ItemsCount::new(frames.len())).bench(|| {
        for frame in &frames {
            divan::black_box(Event::from_frame(frame).unwrap());
        }
    });
}

#[divan::bench]
fn encode_list(bencher: divan::Bencher<'_, '_>) {
    let list = decode_invites(&list(1000, 50)).unwrap();
    bencher
        .counter(ItemsCount::new(1000usize))
        .bench(|| list.to_json());
}

const PROSE: &str = "so i was playing on discord yesterday and someone said 'join the gg server', \
    which I did. It's fine I guess? The rules: be nice, no spam, (see #rules). Come at 19:30, bring \
    snacks & friends, we got 50% more space now and/or pizza... ";

#[divan::bench]
fn find_in_prose(bencher: divan::Bencher<'_, '_>) {
    let text = PROSE.repeat(4000);
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| find_invites(&text).count());
}

#[divan::bench]
fn find_in_messages(bencher: divan::Bencher<'_, '_>) {
    let words: Vec<_> = PROSE.split(' ').collect();
    let links = [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://discord.com/channels/1046920999469330512/1057241425793798144",
        "https://github.com/rust-lang/rust/issues/112345",
    ];
    let messages: Vec<_> = (0..10_000)
        .map(|of| {
            let from = random(7, of) as usize % 20;
            let len = random(8, of) as usize % 16 + 1;
            let mut message: Vec<_> = words[from..].iter().take(len).copied().collect();
            if random(9, of).is_multiple_of(10) {
                message.push(links[of as usize % 3]);
            }
            message.join(" ")
        })
        .collect();
    let bytes: usize = messages.iter().map(String::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .counter(ItemsCount::new(messages.len()))
        .bench(|| {
            messages
                .iter()
                .map(|message| find_invites(message).count())
                .sum::<usize>()
        });
}

#[divan::bench]
fn find_in_urls(bencher: divan::Bencher<'_, '_>) {
    let text = "see https://cdn.discordapp.com/attachments/1/2/image.png?ex=1&is=2 or https://example.com/some/page/at/home.html for more. ".repeat(8000);
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| find_invites(&text).count());
}

#[divan::bench]
fn find_in_japanese(bencher: divan::Bencher<'_, '_>) {
    let text =
        "こんにちは！サーバーへようこそ。（ルール）を読んでください、よろしくお願いします！？"
            .repeat(8000);
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| find_invites(&text).count());
}

#[divan::bench]
fn find_many(bencher: divan::Bencher<'_, '_>) {
    let text = "join discord.gg/abcdefgh now, or dis\u{200b}cord.gg/x! ".repeat(8000);
    bencher
        .counter(BytesCount::new(text.len()))
        .bench(|| find_invites(&text).count());
}
