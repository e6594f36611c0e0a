"""What names are made of. All of it is invented; domains end in ``.example``, which nobody can register."""

from typing import Final


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


BEGINNINGS: Final = _split(
    "Al Bran Cal Dor Elm Fen Gal Hal Ing Jor Kes Lor Mar Nor Orl Pel Quin Ral Sol Tarn Ulm Vel Wes Yar Zel "
    "Ash Brix Cor Dun Ever Frey Glen Hol Ister Kar Lin Mor Ner Osk Pren Roth Stav Tol Vann Wyn"
)
ENDINGS: Final = _split(
    "wick holm dane mere stad vik lund sen ova ara eon isk mont bury by croft dale field gate haven "
    "ley more ness path quay ridge row stone thorpe vale water worth"
)

# Industry, and what companies in it call themselves.
INDUSTRIES: Final = {
    "Professional services": ["Partners", "Advisory", "Consulting", "Associates"],
    "Logistics": ["Logistics", "Freight", "Forwarding", "Haulage"],
    "Manufacturing": ["Manufacturing", "Works", "Tooling", "Components"],
    "Healthcare": ["Health", "Clinics", "Care", "Medical Supply"],
    "Hospitality": ["Hotels", "Kitchens", "Catering", "Hospitality"],
    "Retail": ["Stores", "Outfitters", "Home", "Market"],
    "Construction": ["Construction", "Builders", "Interiors", "Roofing"],
    "Software": ["Software", "Labs", "Systems", "Data"],
    "Education": ["Academy", "Learning", "Schools", "Training"],
    "Food and drink": ["Foods", "Bakery", "Brewing", "Dairy"],
    "Media and design": ["Studio", "Press", "Media", "Creative"],
    "Energy": ["Energy", "Solar", "Power", "Grid"],
}
SMALL_INDUSTRIES: Final = (
    "Hospitality",
    "Retail",
    "Construction",
    "Software",
    "Education",
    "Food and drink",
    "Media and design",
    "Professional services",
    "Healthcare",
    "Energy",
)
FROM_LEADFORGE: Final = {
    "professional_services": "Professional services",
    "logistics": "Logistics",
    "manufacturing": "Manufacturing",
    "healthcare_non_clinical": "Healthcare",
}

# Country: region, weight, legal form, numbers that regulators reserve for fiction or that ring nowhere.
COUNTRIES: Final = {
    "United States": ("AMER", 34, ["Inc.", "LLC", "Co."], "+1 {area} 555 01{n:02}"),
    "Canada": ("AMER", 7, ["Inc.", "Ltd."], "+1 {area} 555 01{n:02}"),
    "United Kingdom": ("EMEA", 14, ["Ltd", "plc", "LLP"], "+44 20 7946 0{n:03}"),
    "Germany": ("EMEA", 10, ["GmbH", "AG", "KG"], "+49 30 23125 {n:03}"),
    "France": ("EMEA", 6, ["SAS", "SA"], "+33 1 99 00 {n:02} {m:02}"),
    "Netherlands": ("EMEA", 5, ["B.V.", "N.V."], "+31 85 555 0{n:03}"),
    "Sweden": ("EMEA", 4, ["AB"], "+46 8 465 004 {n:02}"),
    "Spain": ("EMEA", 4, ["S.L.", "S.A."], "+34 900 555 {n:03}"),
    "Australia": ("APAC", 8, ["Pty Ltd"], "+61 2 5550 {n:04}"),
    "Singapore": ("APAC", 5, ["Pte. Ltd."], "+65 3158 {n:04}"),
    "Japan": ("APAC", 3, ["K.K."], "+81 3 5550 {n:04}"),
}

FIRST_NAMES: Final = {
    "AMER": _split(
        "Alicia Andre Bianca Carter Dana Darius Elena Ethan Grace Hector Imani Jared Keisha Leon Maya Miles Nadia "
        "Omar Paige Quentin Rosa Samir Tessa Tyrone Valerie Wade Ximena Yolanda Zach Brooke Colin Denise"
    ),
    "EMEA": _split(
        "Amelie Anders Beatriz Bastian Carmen Claes Daan Eline Fatima Felix Greta Henrik Ilse Isabel Jasper Jonna "
        "Katja Lars Lieke Matteo Mireille Nils Oscar Petra Rashid Ruth Sanne Sofie Thilo Ulla Viktor Yvonne"
    ),
    "APAC": _split(
        "Aiko Arjun Chloe Daichi Farah Haruto Indira Jia Kavya Kenji Li Mei Minh Nikhil Priyanka Ravi Riko Sachin "
        "Shreya Sione Tomoko Vikram Wei Yuna Hana Joel Kiri Lachlan Matilda Tane"
    ),
}
LAST_NAMES: Final = {
    "AMER": _split(
        "Abernathy Alvarado Beckwith Boateng Calloway Castellanos Delacroix Drummond Ellison Fontaine Gallegos "
        "Hathaway Ibarra Jennings Kowalczyk Lattimore Marchetti Nakamura Okafor Pemberton Quintero Rutledge "
        "Santoro Thibodeaux Underhill Villanueva Whitlock Yarbrough Zamora"
    ),
    "EMEA": _split(
        "Aldenhoff Bergqvist Bouchard Carvajal Castellani Dijkstra Eklund Falkner Fournier Gerlach Haverkamp Hollis "
        "Ibanez Jansson Kettering Lindholm Marchand Norrby Oosterhuis Pritchard Quispe Reinholt Saavedra Thackeray "
        "Uhlmann Vandenberg Wennerberg Zeller"
    ),
    "APAC": _split(
        "Aoyama Banerjee Chua Dhillon Fujita Goh Hashimoto Iyer Kapoor Lim Matsuda Menon Nguyen Okada Pillai Quah "
        "Rao Saito Tan Teo Uchida Vasquez Wong Yamane Zhou Hargreaves Whitcombe Tuilagi"
    ),
}

SMALL_TITLES: Final = (
    ("Owner", "economic_buyer"),
    ("Managing Director", "economic_buyer"),
    ("Office Manager", "champion"),
    ("Finance Manager", "champion"),
    ("Bookkeeper", "user"),
    ("Operations Manager", "champion"),
    ("Purchasing Lead", "user"),
    ("IT Administrator", "technical_buyer"),
)
LARGE_TITLES: Final = (
    ("CFO", "economic_buyer"),
    ("VP Finance", "economic_buyer"),
    ("Head of Procurement", "champion"),
    ("Accounts Payable Manager", "champion"),
    ("Strategic Sourcing Manager", "user"),
    ("IT Director", "technical_buyer"),
    ("Security Architect", "technical_buyer"),
    ("General Counsel", "legal"),
    ("Procurement Category Manager", "procurement"),
    ("Financial Controller", "blocker"),
)
ROLES_FROM_LEADFORGE: Final = {
    "end_user": "user",
    "champion": "champion",
    "economic_buyer": "economic_buyer",
    "technical_evaluator": "technical_buyer",
}

# We sell spend management; nobody of this name exists.
COMPETITORS: Final = ("Ledgerwick", "Purchora", "Quillbuy", "Ordervane")
TOOLS: Final = (
    "spreadsheets and a shared inbox",
    "an in-house approval tool from 2014",
    "their ERP's purchasing module",
    "paper forms that are scanned",
    "a ticket queue that was never meant for purchasing",
)
PAINS: Final = (
    "invoices are approved twelve days late on average",
    "a third of all spend has no purchase order",
    "month-end close takes nine working days",
    "two audits in a row complained about missing approvals",
    "branch managers buy on their own cards",
    "nobody sees committed spend until the invoice arrives",
)
NEEDS: Final = (
    "single sign-on with their identity provider",
    "a connector to their ERP that writes back cost centres",
    "approval on the phone for site managers",
    "budgets per project rather than per department",
    "two-step approval above {limit}",
    "invoices in three currencies",
)
CITIES: Final = ("the head office", "their plant", "a video call", "our office", "the regional office")
