"""The demo branch: a Finnish service office, as data."""
# ruff: noqa: RUF001 - the dash between two days or hours is an en dash in all three languages

from dataclasses import dataclass, field

from queues.actions.setting_up import Words
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


@dataclass(frozen=True, slots=True)
class DemoDesk:
    """A desk and the slugs of the services that it serves."""

    name: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoUser:
    name: str
    role: Role
    is_superuser: bool = False


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
        words("Ajanvarauksella tulleet", "Bokad tid", "Booked appointments"),
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

USERS = (
    *(DemoUser(f"clerk{number}", Role.CLERK) for number in range(1, 6)),
    DemoUser("supervisor", Role.SUPERVISOR),
    DemoUser("admin", Role.MANAGER, is_superuser=True),
)
