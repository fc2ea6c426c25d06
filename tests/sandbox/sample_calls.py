"""One request for each of the twenty operations that is in order, as bytes of XML."""

from __future__ import annotations

from tests.sandbox.raw import element
from tests.sandbox.soap_client import SoapClient

_NAMESPACE = "http://www.e-boekhouden.nl/soap"
_DAYS = "<DatumVan>2026-01-01T00:00:00</DatumVan><Datum{}>2026-12-31T00:00:00</Datum{}>"
_LINE = (
    "<cFactuurRegel><Aantal>2.5</Aantal><Code>ARBEID</Code><Omschrijving>Werk</Omschrijving>"
    "<PrijsPerEenheid>42</PrijsPerEenheid><BTWCode>HOOG_VERK_21</BTWCode>"
    "<TegenrekeningCode>8000</TegenrekeningCode><KostenplaatsID>0</KostenplaatsID></cFactuurRegel>"
)
_RELATION = "<Code>{}</Code><Bedrijf>Nieuw</Bedrijf><Gb_ID>0</Gb_ID><GeenEmail>0</GeenEmail>"
_LEDGER = "<oGb><ID>{}</ID><Code>{}</Code><Omschrijving>Nieuw</Omschrijving><Categorie>VW</Categorie></oGb>"

IN_SESSION: dict[str, str] = {
    "GetAdministraties": "",
    "GetSaldo": "<cFilter><GbCode>8000</GbCode><KostenPlaatsId>0</KostenPlaatsId>"
    f"{_DAYS.format('Tot', 'Tot')}</cFilter>",
    "GetSaldi": f"<cFilter><KostenPlaatsId>0</KostenPlaatsId>{_DAYS.format('Tot', 'Tot')}</cFilter>",
    "AddFactuur": "<oFact><Factuurnummer>{number}</Factuurnummer><Relatiecode>1001</Relatiecode>"
    "<Datum>2026-11-22T00:00:00</Datum><Betalingstermijn>14</Betalingstermijn>"
    "<Factuursjabloon>Factuursjabloon</Factuursjabloon><PerEmailVerzenden>0</PerEmailVerzenden>"
    "<AutomatischeIncasso>0</AutomatischeIncasso>"
    "<IncassoMachtigingDatumOndertekening>2026-11-22T00:00:00</IncassoMachtigingDatumOndertekening>"
    "<IncassoMachtigingFirst>0</IncassoMachtigingFirst><InBoekhoudingPlaatsen>0</InBoekhoudingPlaatsen>"
    f"<Regels>{_LINE}</Regels></oFact>",
    "GetFacturen": f"<cFilter>{_DAYS.format('Tm', 'Tm')}</cFilter>",
    "AddMutatie": "<oMut><MutatieNr>0</MutatieNr><Soort>FactuurVerstuurd</Soort><Datum>2026-11-22T00:00:00</Datum>"
    "<Rekening>1300</Rekening><RelatieCode>1001</RelatieCode><Factuurnummer>{number}</Factuurnummer>"
    "<Omschrijving>Verkoop</Omschrijving><Betalingstermijn>14</Betalingstermijn><InExBTW>EX</InExBTW>"
    "<MutatieRegels><cMutatieRegel><BedragInvoer>100</BedragInvoer><BedragExclBTW>100</BedragExclBTW>"
    "<BedragBTW>21</BedragBTW><BedragInclBTW>121</BedragInclBTW><BTWCode>HOOG_VERK_21</BTWCode>"
    "<BTWPercentage>21</BTWPercentage><TegenrekeningCode>8000</TegenrekeningCode>"
    "<KostenplaatsID>0</KostenplaatsID></cMutatieRegel></MutatieRegels></oMut>",
    "GetMutaties": f"<cFilter><MutatieNr>0</MutatieNr>{_DAYS.format('Tm', 'Tm')}</cFilter>",
    "AddGrootboekrekening": _LEDGER.format(0, "{ledger}"),
    "UpdateGrootboekrekening": _LEDGER.format(7001, "0101"),
    "GetGrootboekrekeningen": "<cFilter><ID>0</ID></cFilter>",
    "AddRelatie": "<oRel><ID>0</ID><AddDatum>2026-11-22T00:00:00</AddDatum>"
    + _RELATION.format("{number}")
    + "<NieuwsbriefgroepenCount>0</NieuwsbriefgroepenCount></oRel>",
    "UpdateRelatie": "<oRel><ID>240000</ID><AddDatum>2026-11-22T00:00:00</AddDatum>"
    + _RELATION.format("1001")
    + "<NieuwsbriefgroepenCount>0</NieuwsbriefgroepenCount></oRel>",
    "GetRelaties": "<cFilter><ID>0</ID></cFilter>",
    "GetOpenPosten": "<OpSoort>Debiteuren</OpSoort>",
    "GetKostenplaatsen": "<cFilter />",
    "GetArtikelen": "<cFilter />",
}
OPERATIONS = (*IN_SESSION, "OpenSession", "OpenSessionSub", "AutoLogin", "CloseSession")
# the list each of these answers with, and a filter that finds nothing
LISTS = {
    "GetSaldi": (
        "Saldi",
        f"<cFilter><KostenPlaatsId>0</KostenPlaatsId>{_DAYS.format('Tot', 'Tot')}<Categorie>X</Categorie></cFilter>",
    ),
    "GetFacturen": ("Facturen", f"<cFilter><Factuurnummer>X</Factuurnummer>{_DAYS.format('Tm', 'Tm')}</cFilter>"),
    "GetMutaties": ("Mutaties", f"<cFilter><MutatieNr>999</MutatieNr>{_DAYS.format('Tm', 'Tm')}</cFilter>"),
    "GetGrootboekrekeningen": ("Rekeningen", "<cFilter><ID>1</ID></cFilter>"),
    "GetRelaties": ("Relaties", "<cFilter><ID>1</ID></cFilter>"),
    "GetOpenPosten": ("Openposten", "<OpSoort>Crediteuren</OpSoort>"),
    "GetKostenplaatsen": ("Kostenplaatsen", "<cFilter><KostenplaatsID>99</KostenplaatsID></cFilter>"),
    "GetArtikelen": ("Artikelen", "<cFilter><ArtikelID>1</ArtikelID></cFilter>"),
}


def sample(soap: SoapClient, operation: str, number: int = 1) -> str:
    """The element of a request that is in order; `number` keeps what is added apart from what was added before."""
    if operation in IN_SESSION:
        payload = IN_SESSION[operation].format(number=f"N{number}", ledger=str(9000 + number))
        return element(operation, soap.session_id, soap.code2, payload)
    code1, code2 = soap.credentials["code1"], soap.code2
    inner = {
        "OpenSession": f"<Username>demo</Username><SecurityCode1>{code1}</SecurityCode1>"
        f"<SecurityCode2>{code2}</SecurityCode2>",
        "OpenSessionSub": f"<Username>demo-kantoor</Username><SecurityCode1>{code1}</SecurityCode1>"
        f"<SecurityCode2>{code2}</SecurityCode2><AdministratieGUID>{code2}</AdministratieGUID>",
        "CloseSession": f"<SessionID>{soap.session_id}</SessionID>",
        "AutoLogin": f"<Username>demo</Username><SessionID>{soap.session_id}</SessionID>"
        f"<SecurityCode2>{code2}</SecurityCode2>",
    }[operation]
    return f'<{operation} xmlns="{_NAMESPACE}">{inner}</{operation}>'
