"""The corpus, made from a seed: what Discord would send, never what Discord sent.

Shapes and key orders are those of recorded payloads: REST bodies are compact ASCII JSON with
`\\uXXXX` escapes and the documented key order, gateway frames are UTF-8 with keys in descending order
(or another: see `orders`).

- `list.json`: the answer to "list guild invites", 1000 invites of one guild.
- `frames.ndjson`: INVITE_CREATE in their envelopes, from some hundred guilds.
- `frames_ascending.ndjson`, `frames_shuffled.ndjson`: the same with the keys in other orders.
- `looked_up.ndjson`: responses to "get invite", one by one, each of another guild.
- `guild.ndjson`: one GUILD_CREATE of about 1 MB in its envelope.
- `chat.json`: messages without an invite. `chat_invites.json`: messages of which some hold one.
"""

import json
import random
import string
from datetime import datetime, timedelta, timezone
from pathlib import Path

INVITES = 1000
FRAMES = 1000
MESSAGES = 20_000
NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
DISCORD_EPOCH_MS = 1_420_070_400_000

FEATURES = [
    "ANIMATED_BANNER", "ANIMATED_ICON", "AUTO_MODERATION", "BANNER", "CHANNEL_ICON_EMOJIS_GENERATED",
    "COMMUNITY", "DISCOVERABLE", "ENABLED_DISCOVERABLE_BEFORE", "GUILD_ONBOARDING", "GUILD_ONBOARDING_HAS_PROMPTS",
    "INVITE_SPLASH", "MEMBER_VERIFICATION_GATE_ENABLED", "NEWS", "PREVIEW_ENABLED", "PRIVATE_THREADS", "ROLE_ICONS",
    "SEVEN_DAY_THREAD_ARCHIVE", "SOUNDBOARD", "TEXT_IN_VOICE_ENABLED", "VANITY_URL",
]  # fmt: skip
ADJECTIVES = "quiet amber lost brave tiny velvet frosty cosmic mellow rusty lucid feral sunny pale".split()
NOUNS = "otter comet lantern maple pixel harbor falcon biscuit tundra raven cactus ember koala drift".split()
CHANNELS = "general welcome rules off-topic music memes art support events lfg news clips bots voice".split()
DECORATED = ["💬│", "🎮・", "📢", "「☕」", "🌙-"]


class Maker:
    """Draws Discord's pieces from one seeded source."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, probability):
        return self.random.random() < probability

    def snowflake(self, newest=NOW, years=7.0):
        at = newest - timedelta(days=self.random.uniform(1, 365 * years))
        ms = int(at.timestamp() * 1000) - DISCORD_EPOCH_MS
        return str((ms << 22) | self.random.getrandbits(22))

    def hash(self, animated=0.1):
        return ("a_" if self.chance(animated) else "") + f"{self.random.getrandbits(128):032x}"

    def code(self):
        length = 10 if self.chance(0.4) else 8
        return "".join(self.random.choices(string.ascii_letters + string.digits, k=length))

    def name(self):
        return f"{self.random.choice(ADJECTIVES)}{self.random.choice('_.')}{self.random.choice(NOUNS)}"

    def user(self):
        username = self.name() + str(self.random.randrange(10, 9999))
        tag = None
        if self.chance(0.08):
            tag = {
                "identity_guild_id": self.snowflake(),
                "identity_enabled": True,
                "tag": "".join(self.random.choices(string.ascii_uppercase, k=4)),
                "badge": self.hash(0),
            }
        flags = self.random.choice([0, 0, 0, 64, 128, 256, 4_194_304, 4_194_432])
        user = {
            "id": self.snowflake(),
            "username": username,
            "avatar": self.hash() if self.chance(0.85) else None,
            "discriminator": "0",
            "public_flags": flags,
            "flags": flags,
            "banner": None,
            "accent_color": self.random.randrange(1 << 24) if self.chance(0.2) else None,
            "global_name": self.random.choice([None, username.title(), f"✨ {username.split('_')[0]}"]),
            "avatar_decoration_data": (
                {"asset": self.hash(1), "sku_id": self.snowflake(), "expires_at": None} if self.chance(0.06) else None
            ),
            "collectibles": None,
            "display_name_styles": None,
            "clan": tag,
            "primary_guild": tag,
        }
        if self.chance(0.05):
            # Discord inserts `bot` for bots only, and bots still have a real discriminator.
            user |= {"bot": True, "discriminator": f"{self.random.randrange(1, 9999):04}"}
        return user

    def channel(self):
        kind = self.random.choice([0, 0, 0, 0, 2, 5, 13, 15])
        name = self.random.choice(CHANNELS)
        if self.chance(0.3):
            name = self.random.choice(DECORATED) + name
        elif self.chance(0.5):
            name += f"-{self.random.randrange(1, 30)}"
        return {"id": self.snowflake(), "type": kind, "name": name}

    def guild(self):
        return {
            "id": self.snowflake(),
            "name": "The Lantern Harbor ⚓ Community",
            "splash": self.hash(0),
            "banner": self.hash(1),
            "description": "A cosy place to talk about games, music and the sea. Be kind, read #rules, have fun!",
            "icon": self.hash(1),
            "features": FEATURES,
            "verification_level": 2,
            "vanity_url_code": "lanternharbor",
            "nsfw_level": 0,
            "nsfw": False,
            "premium_subscription_count": 27,
            "premium_tier": 3,
        }

    def application(self):
        return {
            "id": self.snowflake(),
            "name": "Watch Together",
            "icon": self.hash(0),
            "description": "Create and watch a playlist of videos with your friends.",
            "type": None,
            "cover_image": self.hash(0),
            "bot_public": False,
            "bot_require_code_grant": False,
            "terms_of_service_url": "https://example.com/terms",
            "privacy_policy_url": "https://example.com/privacy",
            "verify_key": self.hash(0) + self.hash(0),
            "flags": 1_179_648,
            "flags_new": "1179648",
            "max_participants": -1,
            "tags": ["Video Player", "Watch"],
        }

    def role(self):
        color = self.random.randrange(1 << 24)
        return {
            "id": self.snowflake(),
            "name": self.random.choice(NOUNS).title(),
            "position": self.random.randrange(1, 60),
            "color": color,
            "colors": {"primary_color": color, "secondary_color": None, "tertiary_color": None},
            "icon": None,
            "unicode_emoji": self.random.choice([None, "🌟"]),
        }

    def scheduled_event(self, guild_id, creator):
        start = NOW + timedelta(days=self.random.randrange(1, 30))
        return {
            "id": self.snowflake(),
            "guild_id": guild_id,
            "channel_id": self.snowflake(),
            "creator_id": creator,
            "name": "Harbor movie night",
            "description": "Bring popcorn.",
            "image": None,
            "scheduled_start_time": stamp(start),
            "scheduled_end_time": None,
            "privacy_level": 2,
            "status": 1,
            "entity_type": 2,
            "entity_id": None,
            "entity_metadata": None,
            "sku_ids": [],
            "recurrence_rule": None,
            "guild_scheduled_event_exceptions": [],
        }

    def lifetime(self):
        """created_at, expires_at, max_age, max_uses and uses that agree with each other."""
        max_age = self.random.choice([0, 0, 0, 604_800, 604_800, 86_400, 2_592_000, 1800])
        back = min(max_age or 86_400 * 900, 86_400 * 900)
        created = NOW - timedelta(milliseconds=self.random.randrange(1000, back * 1000))
        expires = stamp(created.replace(microsecond=0) + timedelta(seconds=max_age)) if max_age else None
        max_uses = self.random.choice([0, 0, 0, 0, 1, 5, 10, 25, 100])
        uses = self.random.randrange(max_uses) if max_uses else int(self.random.paretovariate(0.8)) - 1
        return created, expires, max_age, max_uses, min(uses, 50_000)

    def invite(self, guild, channel, inviter):
        created, expires, max_age, max_uses, uses = self.lifetime()
        invite = {"type": 0, "code": self.code()}
        if not self.chance(0.02):  # the widget's invites have nobody
            invite["inviter"] = inviter
        invite |= {
            "max_age": max_age,
            "created_at": stamp(created, micros=True),
            "expires_at": expires,
            "flags": 1 if self.chance(0.02) else 0,
            "guild": guild,
            "guild_id": guild["id"],
            "channel": channel,
        }
        lot = self.random.random()
        if lot < 0.015:
            invite |= {"target_type": 1, "target_user": self.user()}
        elif lot < 0.025:
            invite |= {"target_type": 2, "target_application": self.application()}
        elif lot < 0.03:
            invite["guild_scheduled_event"] = self.scheduled_event(guild["id"], inviter["id"])
        invite |= {"uses": uses, "max_uses": max_uses, "temporary": self.chance(0.03)}
        if self.chance(0.02):
            invite["roles"] = [self.role() for _ in range(self.random.randrange(1, 4))]
        if self.chance(0.01):
            # What Discord has sent without telling: undocumented keys, bits and values.
            invite |= self.random.choice([
                {"is_contact": False},
                {"liveliness": None, "is_nickname_changeable": False},
                {"flags": 1 << 9, "target_channel_id": self.snowflake()},
                {"profile": {"id": guild["id"], "tag": None, "traits": [{"label": "cosy", "position": 0}]}},
            ])
        return invite

    def looked_up(self):
        """The response to "get invite" with counts: no metadata, and nothing shared with others."""
        guild, inviter = self.guild(), self.user()
        invite = {"type": 0, "code": self.code(), "inviter": inviter}
        invite |= {"expires_at": None, "guild": guild, "guild_id": guild["id"], "channel": self.channel()}
        invite |= {
            "approximate_member_count": self.random.randrange(10, 90_000),
            "approximate_presence_count": self.random.randrange(1, 9_000),
        }
        return invite

    def member(self, guild_roles):
        user = self.user()
        return {
            "user": {k: v for k, v in user.items() if k not in ("flags", "banner", "accent_color")},
            "roles": self.random.sample(guild_roles, k=self.random.randrange(0, 6)),
            "premium_since": None,
            "pending": False,
            "nick": None,
            "mute": False,
            "joined_at": stamp(NOW - timedelta(days=self.random.randrange(1, 900)), micros=True),
            "flags": 0,
            "deaf": False,
            "communication_disabled_until": None,
            "banner": None,
            "avatar": None,
        }

    def guild_channel(self, guild_roles, position):
        overwrites = [
            {"type": 0, "id": role, "deny": "1024", "allow": "0"}
            for role in self.random.sample(guild_roles, k=self.random.randrange(0, 8))
        ]
        return self.channel() | {
            "version": 1_700_000_000_000 + position,
            "topic": "Talk about " + " ".join(self.random.choices(NOUNS, k=12)) if self.chance(0.6) else None,
            "rate_limit_per_user": 0,
            "position": position,
            "permission_overwrites": overwrites,
            "parent_id": self.snowflake(),
            "nsfw": False,
            "last_message_id": self.snowflake(),
            "flags": 0,
        }

    def guild_create(self, size):
        """A large guild as the gateway sends it: channels, roles, emojis and the first members."""
        guild = self.guild()
        roles = [
            self.role()
            | {
                "permissions": str(self.random.getrandbits(40)), "mentionable": False, "managed": False,
                "hoist": self.chance(0.3), "flags": 0,
            }
            for _ in range(120)
        ]  # fmt: skip
        ids = [role["id"] for role in roles]
        guild |= {
            "afk_channel_id": None, "afk_timeout": 300, "application_id": None, "default_message_notifications": 1,
            "discovery_splash": None, "explicit_content_filter": 2, "joined_at": stamp(NOW, micros=True), "large": True,
            "max_members": 500_000, "member_count": 48_211, "mfa_level": 1, "owner_id": self.snowflake(),
            "preferred_locale": "en-US", "premium_progress_bar_enabled": True, "public_updates_channel_id": None,
            "rules_channel_id": None, "system_channel_flags": 0, "system_channel_id": None, "unavailable": False,
            "stage_instances": [], "stickers": [], "guild_scheduled_events": [], "threads": [], "voice_states": [],
            "presences": [],
            "roles": roles,
            "emojis": [
                {
                    "id": self.snowflake(), "name": self.random.choice(NOUNS), "roles": [], "require_colons": True,
                    "managed": False, "available": True, "animated": self.chance(0.4),
                }
                for _ in range(250)
            ],
            "channels": [self.guild_channel(ids, position) for position in range(300)],
        }  # fmt: skip
        def length(value):
            return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

        left = size - length(guild)
        members = []
        while left > 0:
            members.append(self.member(ids))
            left -= length(members[-1]) + 1
        guild["members"] = members
        return {"t": "GUILD_CREATE", "s": 2, "op": 0, "d": guild}

    def frame(self, sequence, guild_id, channel_id, inviter):
        created, expires, max_age, max_uses, _ = self.lifetime()
        data = {
            "channel_id": channel_id,
            "code": self.code(),
            "created_at": stamp(created, micros=True),
            "expires_at": expires,
            "guild_id": guild_id,
            "max_age": max_age,
            "max_uses": max_uses,
            "temporary": self.chance(0.03),
            "type": 0,
            "uses": 0,
        }
        if not self.chance(0.02):
            data["inviter"] = {k: v for k, v in inviter.items() if k not in ("flags", "banner", "accent_color")}
        lot = self.random.random()
        if lot < 0.02:
            data |= {"flags": 1}
        elif lot < 0.04:
            data |= {"role_ids": [self.snowflake() for _ in range(self.random.randrange(1, 4))]}
        elif lot < 0.05:
            data |= {"target_type": 1, "target_user": self.user()}
        elif lot < 0.06:
            data |= {"target_type": 2, "target_application": self.application()}
        return {"t": "INVITE_CREATE", "s": sequence, "op": 0, "d": data}


def stamp(at, micros=False):
    text = at.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{at.microsecond // 1000:03}000+00:00" if micros else f"{text}+00:00"


def ordered(value, order):
    """The value with the keys of all its objects in an order; a function from keys to a list."""
    if isinstance(value, dict):
        return {key: ordered(value[key], order) for key in order(value)}
    return [ordered(item, order) for item in value] if isinstance(value, list) else value


def orders(seed):
    shuffling = random.Random(f"{seed} order")
    return {
        # As the recorded frame of a bot's temporary invite has them at every level. Two others,
        # whose collector edited them, do not.
        "descending": lambda keys: sorted(keys, reverse=True),
        # What follows is not Discord's, and shows how much a decoder's speed hangs on the order.
        "ascending": sorted,
        "shuffled": lambda keys: shuffling.sample(list(keys), len(keys)),
    }


def invite_list(seed):
    make = Maker(f"{seed} list")
    guild = make.guild()
    channels = [make.channel() for _ in range(40)]
    inviters = [make.user() for _ in range(100)]
    # A few channels and people make most invites.
    channel_weights = [1 / (rank + 1) for rank in range(len(channels))]
    inviter_weights = [1 / (rank + 3) for rank in range(len(inviters))]
    return [
        make.invite(
            guild,
            make.random.choices(channels, channel_weights)[0],
            make.random.choices(inviters, inviter_weights)[0],
        )
        for _ in range(INVITES)
    ]


def frames(seed, order):
    make = Maker(f"{seed} frames")
    order = orders(seed)[order]
    guilds = [(make.snowflake(), [make.snowflake() for _ in range(5)]) for _ in range(300)]
    inviters = [make.user() for _ in range(700)]
    made = []
    for number in range(FRAMES):
        guild, channels = make.random.choice(guilds)
        frame = make.frame(1000 + number, guild, make.random.choice(channels), make.random.choice(inviters))
        made.append(frame | {"d": ordered(frame["d"], order)})
    return made


def looked_up(seed):
    make = Maker(f"{seed} looked up")
    return [make.looked_up() for _ in range(INVITES)]


def guild(seed, order):
    frame = Maker(f"{seed} guild").guild_create(1_000_000)
    return frame | {"d": ordered(frame["d"], orders(seed)[order])}


WORDS = (
    "the a to and i you it is that of in for on my me just not have so but what no this lol yeah like was be do "
    "with are get if can up at all out good one when there how know think really people game play tonight server "
    "discord invite link channel anyone maybe later update patch queue ranked stream music song cooking weather "
    "gg wp brb tomorrow already because something everyone someone haha okay thanks please sure nice"
).split()
SENTENCES = [
    "мы сегодня играем или нет", "今日は誰かいますか？", "오늘 몇 시에 모여요", "quién juega esta noche?",
    "j'arrive dans cinq minutes", "wer hat Lust auf eine Runde?", "مرحبا كيف الحال", "😂😂😂", "👍", "🎉🎉 gz!!",
]  # fmt: skip
EXTRAS = [
    "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://tenor.com/view/cat-typing-gif-14312", "<@852892297661906993>",
    "<:pepe:1057241425793798144>", "https://github.com/rust-lang/rust/issues/112345", "`cargo run --release`",
    "https://cdn.discordapp.com/attachments/1046920999469330512/1057241425793798144/image.png?ex=65a1&is=659e",
    "https://discord.com/channels/1046920999469330512/1057241425793798144/1157241425793798144", "v1.2.3", "discord.js",
    "**spoilers** ||he dies||", "https://docs.example.org/en/latest/index.html#install", "10:30", "...", ":)",
]  # fmt: skip
INVITE_FORMS = [
    "https://discord.gg/{}", "discord.gg/{}", "https://discord.com/invite/{}", "https://discordapp.com/invite/{}",
    "<https://discord.gg/{}>", "https://ptb.discord.com/invite/{}", "DISCORD.GG/{}", "https://discord.gg/{}?event=1157241425793798144",
]  # fmt: skip


def message(make):
    if make.chance(0.08):
        return make.random.choice(SENTENCES)
    words = max(1, min(300, int(make.random.lognormvariate(2.1, 0.9))))
    parts = make.random.choices(WORDS, k=words)
    if make.chance(0.18):
        parts.insert(make.random.randrange(len(parts) + 1), make.random.choice(EXTRAS))
    return " ".join(parts)


def chat(seed, with_invites):
    make = Maker(f"{seed} chat {with_invites}")
    messages = []
    for _ in range(MESSAGES):
        text = message(make)
        if with_invites and make.chance(0.05):
            text += " " + make.random.choice(INVITE_FORMS).format(make.code())
        messages.append(text)
    return messages


def write(seed, folder, order="descending"):
    """Writes the corpus and answers its sizes in bytes."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    compact = {"separators": (",", ":")}
    def lines(order):
        return "\n".join(json.dumps(f, ensure_ascii=False, **compact) for f in frames(seed, order)) + "\n"

    texts = {
        "list.json": json.dumps(invite_list(seed), **compact),
        "frames.ndjson": lines(order),
        "frames_ascending.ndjson": lines("ascending"),
        "frames_shuffled.ndjson": lines("shuffled"),
        "looked_up.ndjson": "\n".join(json.dumps(one, **compact) for one in looked_up(seed)) + "\n",
        "guild.ndjson": json.dumps(guild(seed, order), ensure_ascii=False, **compact) + "\n",
        "chat.json": json.dumps(chat(seed, False), ensure_ascii=False, **compact),
        "chat_invites.json": json.dumps(chat(seed, True), ensure_ascii=False, **compact),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: len(text.encode()) for name, text in texts.items()}
