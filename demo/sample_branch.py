"""The demo branch: a Finnish service office, as data."""
# ruff: noqa: RUF001 - the dash between two days or hours is an en dash in all three languages

from dataclasses import dataclass, field

from queues.actions import Words
from queues.models import Role


def words(fi: str, sv: str, en: str) -> Words:
    return {"fi": fi, "sv": sv, "en": en}


@dataclass(frozen=True, slots=True)
class DemoService:
    slug: str
    prefix: str
    names: Words
    descriptions: Words
    is_open: bool = True
    closed_note: Words = field(default_factory=dict)
    last: int = 999
    outcomes: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoDesk:
    """A desk and the slugs of the services that it serves."""

    name: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoUser:
    name: str
    role: Role
    first_name: str
    last_name: str = ""
    is_superuser: bool = False
    may_call_any: bool = False


@dataclass(frozen=True, slots=True)
class DemoRule:
    """Minutes, and the names of the desks that help."""

    service: str
    over: int
    under: int
    desks: tuple[str, ...]


SLUG = "keskus"
PASSWORD = "queue-demo"  # noqa: S105 - the demo's, printed at every start; never loaded outside debug
NAMES = words("Palvelutori Keskus", "Servicetorget Centrum", "Keskus Service Point")
OPENING_HOURS = words("ma–pe 9–16", "mån–fre 9–16", "Mon–Fri 9–16")

SERVICES = (
    DemoService(
        "passports",
        "A",
        words("Passit ja henkilökortit", "Pass och identitetskort", "Passports and ID cards"),
        words(
            "Hakemukset ja valmiiden asiakirjojen nouto",
            "Ansökningar och hämtning av färdiga handlingar",
            "Applications, and collecting finished documents",
        ),
        outcomes=(
            words("Hakemus otettu vastaan", "Ansökan mottagen", "Application taken"),
            words("Asiakirja annettu", "Handling utlämnad", "Document handed over"),
            words("Liite puuttui", "Bilaga saknades", "Something was missing"),
        ),
    ),
    DemoService(
        "housing",
        "B",
        words("Asuminen ja tuet", "Boende och stöd", "Housing and benefits"),
        words(
            "Vuokra-asunnot, asumistuki ja toimeentulotuki",
            "Hyresbostäder, bostadsbidrag och utkomststöd",
            "Rental homes, housing allowance and income support",
        ),
        outcomes=(
            words("Neuvottu", "Fick råd", "Advice given"),
            words("Hakemus tehty yhdessä", "Ansökan gjord tillsammans", "Applied together"),
            words("Uusi aika varattu", "Ny tid bokad", "New time booked"),
        ),
    ),
    DemoService(
        "payments",
        "C",
        words("Maksut ja kassa", "Betalningar och kassa", "Payments and cashier"),
        words(
            "Laskut, kuitit ja palautukset, myös käteisellä",
            "Räkningar, kvitton och återbetalningar, även kontant",
            "Bills, receipts and refunds, in cash too",
        ),
        last=99,
    ),
    DemoService(
        "appointments",
        "D",
        words("Varasin ajan", "Jag har bokat tid", "I have an appointment"),
        words(
            "Sinulle on varattu aika tälle päivälle",
            "Du har en bokad tid i dag",
            "You have an appointment today",
        ),
    ),
    DemoService(
        "digital",
        "E",
        words("Digituki", "Digitalt stöd", "Digital support"),
        words(
            "Apua verkkoasiointiin, tunnuksiin ja laitteisiin",
            "Hjälp med e-tjänster, inloggning och apparater",
            "Help with online services, sign-in and devices",
        ),
        is_open=False,
        closed_note=words("Avataan tiistaina klo 10.", "Öppnar på tisdag kl. 10.", "Opens on Tuesday at 10:00."),
    ),
    DemoService(
        "enterprise",
        "F",
        words("Yritysneuvonta", "Företagsrådgivning", "Business advice"),
        words(
            "Yrityksen perustaminen, luvat ja ilmoitukset",
            "Starta företag, tillstånd och anmälningar",
            "Starting a business, permits and notices",
        ),
    ),
    DemoService(
        "parking",
        "G",
        words("Pysäköintiluvat", "Parkeringstillstånd", "Parking permits"),
        words(
            "Asukkaan, yrityksen ja liikkumisesteisen luvat",
            "Tillstånd för boende, företag och rörelsehindrade",
            "Permits for residents, businesses and disabled people",
        ),
        last=99,
    ),
)

DESKS = (
    DemoDesk("1", ("passports", "appointments")),
    DemoDesk("2", ("passports", "parking")),
    DemoDesk("3", ("housing", "digital", "appointments")),
    DemoDesk("4", ("payments", "parking")),
    DemoDesk("5", ("enterprise", "housing", "payments")),
)

PRIORITY, HEAD_START = words("Lapsiperheet", "Barnfamiljer", "Families with small children"), 15
"""A class of visitors, and by how many minutes it is ahead."""

RULE = DemoRule("housing", over=15, under=5, desks=("4",))

USERS = (
    DemoUser("clerk1", Role.CLERK, "Aino", "K."),
    DemoUser("clerk2", Role.CLERK, "Mikael", "S."),
    DemoUser("clerk3", Role.CLERK, "Leena", "V.", may_call_any=True),
    DemoUser("clerk4", Role.CLERK, "Omar", "H."),
    DemoUser("clerk5", Role.CLERK, "Sofia", "L."),
    DemoUser("supervisor", Role.SUPERVISOR, "Riitta", "M."),
    DemoUser("admin", Role.MANAGER, "Admin", is_superuser=True),
)
