"""The bank's flows in whole turns, on a real database: what is stored, promised, and told to whom."""

from __future__ import annotations

import asyncio
import re

import pytest
import sqlalchemy as sa

from hookline.catalogue import Catalogue
from hookline.testing import FrozenClock
from tenant_tokosel.models import claim, prospect, simulation

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00 in Dakar
LOAN = ("Je veux simuler un prêt immobilier", "10 millions", "15 ans")
ACCOUNT = ("Je veux ouvrir un compte", "Compte Courant", "DIOP", "Fatou", "77 123 45 67", "fatou@x.sn")
CLAIM = ("J'ai un problème avec ma carte", "Carte bancaire", "Débit frauduleux de 50 000 FCFA", "hier",
         "Fatou DIOP", "77 123 45 67", "fatou@x.sn")  # fmt: skip


async def stored(bot, kind):
    return await bot.tenant("tenant_tokosel").db.fetch(sa.select(kind.table).order_by(kind.table.c.created_at))


@pytest.mark.row("K27", "K29", "K76")
async def test_a_simulation_is_stored_with_its_totals_and_shown(tokosel, converse):
    bot = await tokosel(clock=FrozenClock(NOON))

    reply = await converse(bot, *LOAN, "800000", "CDI")

    assert reply.text.splitlines()[:6] == [
        "📊 RÉSULTATS DE VOTRE SIMULATION",
        "💰 Prêt Immobilier : 10 000 000 FCFA",
        "Durée : 15 ans (180 mois)",
        "💳 MENSUALITÉ : 84 386 FCFA",
        "Taux : 6.0% / an",
        "✅ Votre dossier est éligible !",
    ]
    [row] = await stored(bot, simulation)
    assert row.simulation_id == "SIM_20261121_001"
    assert (row.montant, row.duree, row.type_pret, row.revenus_mensuels) == (10_000_000, 180, "immobilier", 800_000)
    assert (row.situation_pro, float(row.taux_interet), row.mensualite) == ("CDI", 6.0, 84_386)
    assert (row.cout_total, row.interets_totaux, float(row.taux_endettement)) == (15_189_423, 5_189_423, 10.55)
    assert (row.eligible, row.status, row.source) == (True, "simulee", "autre")
    assert (row.created_at, row.updated_at) == (NOON, NOON)
    assert row.session_id
    assert "SIM_20261121_001" in reply.text


@pytest.mark.row("K28", "K17")
async def test_too_small_an_income_is_told_with_ratio_and_limit_and_an_adviser_is_offered(tokosel, converse):
    bot = await tokosel()

    reply = await converse(bot, *LOAN, "200000", "CDI")

    assert "éligible !" not in reply.text
    assert "42,19 %" in reply.text
    assert "limite de 35 %" in reply.text
    assert "Parler à un conseiller" in reply.quick_replies
    [row] = await stored(bot, simulation)
    assert (row.eligible, float(row.taux_endettement)) == (False, 42.19)


@pytest.mark.row("K17")
@pytest.mark.parametrize(("income", "eligible"), [("240000", False), ("250 000", True)])
async def test_eligible_is_strictly_below_35_per_cent(tokosel, income, eligible, converse):
    bot = await tokosel()

    reply = await converse(bot, *LOAN, income, "CDI")

    assert ("éligible !" in reply.text) is eligible


@pytest.mark.row("K16")
async def test_each_situation_has_its_own_rate_and_the_config_decides(tokosel, converse):
    bot = await tokosel(changes={"CDI = 6.0": "CDI = 6.25"})
    shown = {}
    for who in ("CDI", "Fonctionnaire", "CDD", "Indépendant", "Retraité"):
        reply = await converse(bot, *LOAN, "900 000", who, who=who)
        shown[who] = re.search(r"Taux : (\S+) / an", reply.text)[1]

    assert shown == {
        "CDI": "6.25%", "Fonctionnaire": "5.75%", "CDD": "7.5%", "Indépendant": "7.0%", "Retraité": "6.5%",
    }  # fmt: skip


async def test_after_a_result_a_figure_can_be_changed(tokosel, converse):
    bot = await tokosel()

    reply = await converse(bot, *LOAN, "800000", "CDI", "non, 12 ans")

    assert "Durée : 12 ans (144 mois)" in reply.text
    assert [row.duree for row in await stored(bot, simulation)] == [180, 144]


@pytest.mark.row("K35", "K39", "K40", "K75")
async def test_a_prospect_is_stored_and_is_a_qualified_lead(tokosel, converse):
    bot = await tokosel(clock=FrozenClock(NOON))

    reply = await converse(bot, *ACCOUNT)
    await bot.idle()

    assert reply.text.splitlines()[:2] == [
        "✅ Votre demande est enregistrée (PROS_20261121_001)",
        "Un conseiller vous contactera sous 48h",
    ]
    [row] = await stored(bot, prospect)
    assert (row.prospect_id, row.nom, row.prenom) == ("PROS_20261121_001", "DIOP", "Fatou")
    assert (row.telephone, row.email, row.type_compte) == ("+221771234567", "fatou@x.sn", "Courant")
    assert (row.status, row.source, row.created_at, row.updated_at) == ("nouveau", "autre", NOON, NOON)
    lead = Catalogue.load().get("scoring").metadata.tables["scoring_lead"]
    [found] = await bot.tenant("scoring").db.fetch(sa.select(lead))
    assert (found.name, found.phone, found.email) == ("Fatou DIOP", "+221771234567", "fatou@x.sn")
    assert (found.status, found.fields["prospect"], found.source) == ("qualified", "PROS_20261121_001", "loopback")


@pytest.mark.row("K41", "K51")
@pytest.mark.parametrize(("said", "kind", "hours"), [(ACCOUNT, "prospect", 48), (CLAIM, "claim", 24)])
async def test_an_adviser_has_a_task_within_the_hours_promised_and_late_is_marked(tokosel, said, kind, hours, converse):
    clock = FrozenClock(NOON)
    bot = await tokosel(clock=clock)
    await converse(bot, *said)
    await bot.idle()
    task = Catalogue.load().get("handoff").metadata.tables["handoff_staff_task"]

    async def tasks():
        return await bot.tenant("handoff").db.fetch(sa.select(task))

    [one] = await tasks()
    assert (one.kind, one.due_at - NOON) == (kind, hours * 3600)
    assert re.fullmatch(r"(PROS|CLAIM)_20261121_001", one.reference)
    assert "Fatou DIOP" in one.title
    assert one.overdue_at is None
    clock.advance(hours * 3600 + 1)
    async with asyncio.timeout(60):
        while (await tasks())[0].overdue_at is None:
            await asyncio.sleep(0.01)


@pytest.mark.row("K44", "K47", "K48", "K49", "K77")
async def test_a_claim_is_stored_and_its_amount_is_taken_from_the_description(tokosel, converse):
    bot = await tokosel(clock=FrozenClock(NOON))

    reply = await converse(bot, *CLAIM)

    assert reply.text.splitlines()[:2] == [
        "✅ Votre réclamation est enregistrée (CLAIM_20261121_001)",
        "Un conseiller vous contactera sous 24h",
    ]
    [row] = await stored(bot, claim)
    assert (row.claim_id, row.categorie) == ("CLAIM_20261121_001", "Carte bancaire")
    assert (row.description, row.montant) == ("Débit frauduleux de 50 000 FCFA", 50_000)
    assert (row.date_incident.isoformat(), row.nom_complet) == ("2026-11-20", "Fatou DIOP")
    assert (row.telephone, row.email, row.status) == ("+221771234567", "fatou@x.sn", "nouvelle")
    assert (row.source, row.created_at, row.updated_at) == ("autre", NOON, NOON)


@pytest.mark.row("K42", "K43", "K45")
@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("J'ai un problème avec ma carte", "Carte bancaire"),
        ("on m'a prélevé des frais", "Frais"),
        ("mon virement", "Virement"),
        ("Votre conseiller a été impoli, je veux faire une réclamation", "Service client"),
    ],
)
async def test_the_category_is_inferred_and_asked_with_that_one_first(tokosel, said, first):
    bot = await tokosel()

    reply = await bot.say(said)

    assert reply.text.startswith("De quelle catégorie s'agit-il ?")
    assert reply.quick_replies[0] == first
    assert sorted(reply.quick_replies) == ["Carte bancaire", "Frais", "Service client", "Virement"]


async def test_the_config_may_take_the_inferred_category_over(tokosel):
    bot = await tokosel(changes={'ask_category = "always"': 'ask_category = "when_unsure"'})

    assert (await bot.say("on m'a prélevé des frais")).text == "Pouvez-vous décrire le problème ?"
    assert (await bot.say("je ne suis pas content", who="bob")).text.startswith("De quelle catégorie s'agit-il ?")


@pytest.mark.row("K50", "X30")
async def test_the_status_of_a_claim_is_told_to_its_owner_as_it_is_now_and_to_nobody_else(tokosel, converse):
    bot = await tokosel(clock=FrozenClock(NOON))
    await converse(bot, *CLAIM)
    question = "Où en est ma réclamation CLAIM_20261121_001 ?"

    assert "enregistrée, en attente d'un conseiller" in (await bot.say(question)).text
    changed = claim.update(NOON, claim.table.c.claim_id == "CLAIM_20261121_001", status="en_cours")
    await bot.tenant("tenant_tokosel").db.write(changed)

    assert "en cours de traitement" in (await bot.say(question)).text
    theirs = (await bot.say(question, who="mallory")).text
    missing = (await bot.say("Où en est ma réclamation CLAIM_20261121_999 ?", who="eve")).text
    assert theirs == missing.replace("_999", "_001"), "another's claim is as one that is not there"
    assert "en cours" not in theirs


@pytest.mark.row("K31")
async def test_what_was_given_once_is_not_asked_again(tokosel, converse):
    bot = await tokosel()
    await converse(bot, *ACCOUNT)

    reply = await converse(bot, *CLAIM[:4])

    assert "✅ Votre réclamation est enregistrée" in reply.text
    [row] = await stored(bot, claim)
    assert (row.nom_complet, row.telephone, row.email) == ("Fatou DIOP", "+221771234567", "fatou@x.sn")


@pytest.mark.row("K49", "X30")
async def test_fifty_claims_at_the_same_time_have_fifty_numbers(tokosel, converse):
    bot = await tokosel(clock=FrozenClock(NOON))

    await asyncio.gather(*(converse(bot, *CLAIM, who=f"customer {n}") for n in range(50)))

    numbers = [row.claim_id for row in await stored(bot, claim)]
    assert len(set(numbers)) == 50
    assert all(re.fullmatch(r"CLAIM_\d{8}_\d{3,}", number) for number in numbers)


async def test_what_is_held_about_a_contact_is_found_and_erased(tokosel, converse):
    bot = await tokosel()
    await converse(bot, *ACCOUNT)
    await converse(bot, *CLAIM[:4])
    [row] = await stored(bot, claim)
    hooks = bot.snapshot().hooks

    found = {one.plugin: one.rows for one in await hooks.export_contact(row.contact)}["tenant_tokosel"]
    assert [len(found[name]) for name in ("loan_simulations", "prospects", "claims")] == [0, 1, 1]
    await hooks.erase_contact(row.contact)

    assert await stored(bot, claim) == []
    assert await stored(bot, prospect) == []


@pytest.mark.row("K32", "K33")
@pytest.mark.parametrize("wrong", ["12", "67 123 45 67", "+33 6 12 34 56 78", "je n'en ai pas"])
async def test_a_number_that_is_none_of_senegal_is_refused_and_asked_again(tokosel, wrong, converse):
    bot = await tokosel()

    reply = await converse(bot, *ACCOUNT[:4], wrong)

    assert "n'est pas valable au Sénégal" in reply.text
    assert reply.text.endswith("Quel est votre numéro de téléphone ?")
    assert (await bot.say("33 823 45 67")).text == "Et votre adresse e-mail ?"


@pytest.mark.row("K31")
async def test_annuler_leaves_the_flow_and_stores_nothing(tokosel, converse):
    bot = await tokosel()

    await converse(bot, *ACCOUNT[:5], "annuler")

    assert await stored(bot, prospect) == []
    assert "Quel type de compte" in (await bot.say("Je veux ouvrir un compte")).text


@pytest.mark.row("K34")
@pytest.mark.parametrize("said", ["epargne", "ÉPARGNE", "Compte Épargne", "epagne", "2"])
async def test_the_four_accounts_are_buttons_and_are_understood_as_they_are_typed(tokosel, said, converse):
    bot = await tokosel()

    asked = await bot.say("Je veux ouvrir un compte")
    assert asked.quick_replies == ("Courant", "Épargne", "Jeune", "Entreprise")
    assert (await bot.say("bleu")).text.startswith("Je n'ai pas compris.")
    assert (await bot.say(said)).text == "Quel est votre nom de famille ?"
    await converse(bot, *ACCOUNT[2:])

    assert [row.type_compte for row in await stored(bot, prospect)] == ["Épargne"]


async def test_what_is_said_instead_of_a_name_is_asked_again(tokosel, converse):
    bot = await tokosel()

    for said in ("je sais pas", "plus tard"):
        reply = await converse(bot, *(ACCOUNT[:2] if said == "je sais pas" else ()), said)
        assert "pas reconnu de nom" in reply.text
    await converse(bot, *ACCOUNT[2:])

    assert [row.nom for row in await stored(bot, prospect)] == ["DIOP"]


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("et avec 1 million ?", "Modifié : montant : 1 000 000 FCFA."),
        ("et avec 1 million de salaire ?", "Modifié : revenus mensuels : 1 000 000 FCFA."),
        ("et pour 900 000 par mois ?", "Modifié : revenus mensuels : 900 000 FCFA."),
    ],
)
async def test_after_a_result_an_amount_changes_the_income_only_where_it_says_so(tokosel, converse, said, changed):
    bot = await tokosel()
    await converse(bot, *LOAN, "800000", "CDI")

    assert (await bot.say(said)).text.replace("\u202f", " ").startswith(f"{changed}\n\n📊")


async def test_too_long_for_the_type_is_told_by_what_the_type_allows(tokosel, converse):
    bot = await tokosel()

    reply = await converse(bot, "prêt auto 5 millions sur 30 ans")

    assert reply.text.startswith("Un Prêt Auto dure 7 ans au plus.")
    assert (await bot.say("40 ans")).text.startswith("Un Prêt Auto dure 7 ans au plus.")
    assert (await bot.say("84")).text == "Quels sont vos revenus mensuels ?"
