"""What counts as right. Run it with `python3 -m unittest discover compare/attribution/harness`."""

import unittest

from judge import Judge, Join, true
from trackers import Guestlist, Rival

ANN, BOB = "11", "12"
AT = "2026-11-25T04:00:00.123456+00:00"


def join(via, code=None, inviter=None, user="1"):
    return {"user_id": user, "joined_at": AT, "via": via, "code": code, "inviter_id": inviter}


def line(certainty, **told):
    told = {"origin": None, "code": None, "inviter_id": None} | told
    return {"event": "attribution", "user_id": "1", "joined_at": AT, "certainty": certainty} | told


class Statements(unittest.TestCase):
    def check(self, said, truth, expected):
        self.assertEqual(true(said, truth), expected, (said, truth))

    def test_an_invite_is_its_code_and_its_inviter(self):
        truth = join("invite", "abc", ANN)
        self.check({"origin": "invite", "code": "abc", "inviter_id": ANN}, truth, True)
        self.check({"origin": "invite", "code": "abc"}, truth, True)
        self.check({"origin": "invite", "code": "abd", "inviter_id": ANN}, truth, False)
        self.check({"origin": "invite", "code": "abc", "inviter_id": BOB}, truth, False)
        self.check({"origin": "invite"}, truth, False)
        self.check({"origin": "vanity"}, truth, False)
        self.check({"origin": "unseen"}, truth, False)

    def test_the_vanity_link_may_go_without_its_code_but_not_with_another(self):
        truth = join("vanity", "club")
        self.check({"origin": "vanity"}, truth, True)
        self.check({"origin": "vanity", "code": "club", "inviter_id": ANN}, truth, True)
        self.check({"origin": "vanity", "code": "other"}, truth, False)
        self.check({"origin": "invite", "code": "abc"}, truth, False)

    def test_a_bot_is_who_added_it(self):
        truth = join("bot", inviter=ANN)
        self.check({"origin": "bot", "inviter_id": ANN}, truth, True)
        self.check({"origin": "bot", "inviter_id": BOB}, truth, False)
        self.check({"origin": "bot"}, join("guilds_join", inviter=ANN), True)
        self.check({"origin": "discovery"}, truth, False)
        self.check({"origin": "unseen"}, join("discovery"), True)


class Verdicts(unittest.TestCase):
    def verdict(self, tracker, truth, *lines):
        judge = Judge(tracker)
        for told in lines:
            judge.hear(0.0, told)
        return judge.joins([truth])[0]

    def test_a_statement_that_is_taken_back_stays_wrong(self):
        lie = line("deduced", origin="invite", code="xyz")
        late = line("confirmed", origin="invite", code="abc")
        found = self.verdict(Guestlist("ours", "ours", {}), join("invite", "abc", ANN), lie, late)
        self.assertEqual((found.verdict, len(found.wrong)), ("wrong", 1))

    def test_candidates_are_no_statement(self):
        candidates = [
            {"origin": "invite", "code": "xyz", "weight": 0.2},
            {"origin": "invite", "code": "abc", "weight": 0.8},
        ]
        found = self.verdict(
            Guestlist("ours", "ours", {}), join("invite", "abc"), line("ambiguous", candidates=candidates)
        )  # fmt: skip
        self.assertEqual((found.verdict, found.settled, found.uncovered()), ("unknown", False, []))
        self.assertTrue(found.guessed(found.answers[-1]))
        found.truth = join("invite", "not listed")
        self.assertEqual(found.uncovered(), found.answers)

    def test_of_others_the_first_answer_counts(self):
        first = {"event": "answer", "user_id": "1", "joined_at": AT, "said": None}
        second = first | {"said": {"origin": "invite", "code": "abc"}}
        found = self.verdict(Rival("theirs", "theirs", ""), join("invite", "abc"), first, second)
        self.assertEqual(found.verdict, "unknown")

    def test_a_gap_that_is_reported_says_what_is_missed_unless_it_claims_to_be_complete(self):
        truth = [join("invite", "abc")]
        for complete, told in ((False, True), (True, False)):
            judge = Judge(Guestlist("ours", "ours", {}))
            judge.hear_gap({"last_known": None, "observed_at": AT, "caught_up": complete})
            found = judge.joins(truth)[0]
            self.assertEqual((found.verdict, found.in_gap), ("missed", told))

    def test_silence_is_missed_and_a_strange_join_is_noticed(self):
        self.assertEqual(Join(join("invite", "abc")).verdict, "missed")
        judge = Judge(Guestlist("ours", "ours", {}))
        judge.hear(0.0, line("unknown"))
        self.assertEqual(judge.strangers([join("invite", "abc")]), [])
        self.assertEqual(len(judge.strangers([join("invite", "abc", user="2")])), 1)


if __name__ == "__main__":
    unittest.main()
