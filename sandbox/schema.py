"""Every type and operation of the SOAP interface in one table; the WSDL, the reader and the writer use it.

Notation of a field: ``Name`` is an optional string, ``Name:type`` an optional value of that type,
``Name!:type`` must occur, ``Name!~:type`` must occur and may be nil, ``Name*:type`` is a list.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "http://www.e-boekhouden.nl/soap"


@dataclass(frozen=True)
class Field:
    """One element of a type: its name, its type and how often it occurs."""

    name: str
    type: str
    required: bool = False
    many: bool = False
    nillable: bool = False


def _fields(text: str) -> tuple[Field, ...]:
    """Read a line of the table in the notation told at the top of this room."""
    fields = []
    for word in text.split():
        name, _, type_name = word.partition(":")
        fields.append(
            Field(
                name=name.rstrip("!*~"),
                type=type_name or "string",
                required="!" in name,
                many="*" in name,
                nillable="~" in name or "*" in name,
            )
        )
    return tuple(fields)


_ADDRESSES = "Adres Postcode Plaats Land Adres2 Postcode2 Plaats2 Land2"
_FREE_FIELDS = " ".join(f"Def{number}" for number in range(1, 11))
_MUTATION_AMOUNTS = "BedragInvoer!:decimal BedragExclBTW!:decimal BedragBTW!:decimal BedragInclBTW!:decimal"

TYPES: dict[str, tuple[Field, ...]] = {
    name: _fields(text)
    for name, text in {
        "cError": "LastErrorCode LastErrorDescription",
        # administrations and sessions
        "cResultOpenSession": "ErrorMsg:cError SessionID",
        "cResultAutoLogin": "ErrorMsg:cError Token",
        "cResultGetAdministraties": "ErrorMsg:cError Administraties:ArrayOfCAdministratie",
        "ArrayOfCAdministratie": "cAdministratie*:cAdministratie",
        "cAdministratie": "Bedrijf Plaats Guid StartBoekjaar",
        # balances
        "cSaldoFilter": "GbCode KostenPlaatsId!:long DatumVan!~:dateTime DatumTot!~:dateTime",
        "cResultGetSaldo": "ErrorMsg:cError Saldo!:double",
        "cSaldiFilter": "KostenPlaatsId!:long DatumVan!~:dateTime DatumTot!~:dateTime Categorie",
        "cResultGetSaldi": "ErrorMsg:cError Saldi:ArrayOfCSaldo",
        "ArrayOfCSaldo": "cSaldo*:cSaldo",
        "cSaldo": "ID!:long Code Categorie Saldo!:double",
        # invoices
        "cFactuur": "Factuurnummer Relatiecode Datum!:dateTime Betalingstermijn!:long Factuursjabloon"
        " PerEmailVerzenden!:boolean EmailOnderwerp EmailBericht EmailVanAdres EmailVanNaam"
        " AutomatischeIncasso!:boolean IncassoIBAN IncassoMachtigingSoort IncassoMachtigingID"
        " IncassoMachtigingDatumOndertekening!:dateTime IncassoMachtigingFirst!:boolean"
        " IncassoRekeningNummer IncassoTnv IncassoPlaats IncassoOmschrijvingRegel1"
        " IncassoOmschrijvingRegel2 IncassoOmschrijvingRegel3 InBoekhoudingPlaatsen!:boolean"
        " BoekhoudmutatieOmschrijving Regels:ArrayOfCFactuurRegel",
        "ArrayOfCFactuurRegel": "cFactuurRegel*:cFactuurRegel",
        "cFactuurRegel": "Aantal!:double Eenheid Code Omschrijving PrijsPerEenheid!:double BTWCode"
        " TegenrekeningCode KostenplaatsID!:long",
        "cResultAddFactuur": "ErrorMsg:cError Factuurnummer",
        "cFactuurFilter": "Factuurnummer Relatiecode DatumVan!:dateTime DatumTm!:dateTime",
        "cResultGetFacturen": "ErrorMsg:cError Facturen:ArrayOfCFactuurList",
        "ArrayOfCFactuurList": "cFactuurList*:cFactuurList",
        "cFactuurList": "Factuurnummer Relatiecode:any Datum!:dateTime Betalingstermijn!:long"
        " TotaalExclBTW!:double TotaalBTW!:double TotaalInclBTW!:double TotaalOpenstaand!:double"
        " URLPDFBestand Regels:ArrayOfCFactuurRegel",
        # mutations
        "cMutatie": "MutatieNr!:long Soort!:enMutatieSoorten Datum!:dateTime Rekening RelatieCode"
        " Factuurnummer Boekstuk Omschrijving Betalingstermijn Betalingskenmerk InExBTW"
        " MutatieRegels:ArrayOfCMutatieRegel",
        "ArrayOfCMutatieRegel": "cMutatieRegel*:cMutatieRegel",
        "cMutatieRegel": f"{_MUTATION_AMOUNTS} BTWCode BTWPercentage!:decimal TegenrekeningCode KostenplaatsID!:long",
        "cResultAddMutatie": "ErrorMsg:cError Mutatienummer!:long",
        "cMutatieFilter": "MutatieNr!:long MutatieNrVan:long MutatieNrTm:long Factuurnummer"
        " DatumVan!:dateTime DatumTm!:dateTime",
        "cResultGetMutaties": "ErrorMsg:cError Mutaties:ArrayOfCMutatieList",
        "ArrayOfCMutatieList": "cMutatieList*:cMutatieList",
        "cMutatieList": "MutatieNr!:long Soort!:enMutatieSoorten Datum!:dateTime Rekening RelatieCode"
        " Factuurnummer Boekstuk Omschrijving Betalingstermijn InExBTW"
        " MutatieRegels:ArrayOfCMutatieListRegel",
        "ArrayOfCMutatieListRegel": "cMutatieListRegel*:cMutatieListRegel",
        "cMutatieListRegel": f"{_MUTATION_AMOUNTS} BTWCode BTWPercentage!:decimal Factuurnummer"
        " TegenrekeningCode KostenplaatsID!:long",
        # ledger accounts
        "cGrootboekrekening": "ID!:long Code Omschrijving Categorie Groep",
        "cResultAddGrootboekrekening": "ErrorMsg:cError Gb_ID!:long",
        "cGrootboekrekeningFilter": "ID!:long Code Categorie",
        "cResultGetGrootboekrekeningen": "ErrorMsg:cError Rekeningen:ArrayOfCGrootboekrekening",
        "ArrayOfCGrootboekrekening": "cGrootboekrekening*:cGrootboekrekening",
        # relations
        "cRelatie": f"ID!:long AddDatum!:dateTime Code Bedrijf Contactpersoon Geslacht {_ADDRESSES}"
        " Telefoon GSM FAX Email Site Notitie Bankrekening Girorekening BTWNummer KvkNummer Aanhef"
        f" IBAN BIC BP {_FREE_FIELDS} LA Gb_ID!:long GeenEmail!:long NieuwsbriefgroepenCount!:long",
        "cResultAddRelatie": "ErrorMsg:cError Rel_ID!:long",
        "cRelatieFilter": "Trefwoord Code ID!:long",
        "cResultGetRelaties": "ErrorMsg:cError Relaties:ArrayOfCRelatie",
        "ArrayOfCRelatie": "cRelatie*:cRelatie",
        # open items
        "cResultGetOpenPosten": "ErrorMsg:cError Openposten:ArrayOfCOpenPost",
        "ArrayOfCOpenPost": "cOpenPost*:cOpenPost",
        "cOpenPost": "MutDatum!:dateTime MutFactuur RelCode RelBedrijf Bedrag!:double Voldaan!:double"
        " Openstaand!:double",
        # cost centres and articles
        "cKostenplaatsFilter": "KostenplaatsID:long KostenplaatsParentID:long Omschrijving",
        "cResultGetKostenplaatsen": "ErrorMsg:cError Kostenplaatsen:ArrayOfCKostenplaats",
        "ArrayOfCKostenplaats": "cKostenplaats*:cKostenplaats",
        "cKostenplaats": "KostenplaatsId!:long Omschrijving KostenplaatsParentId!:long",
        "cArtikelFilter": "ArtikelID:long ArtikelOmschrijving ArtikelCode GroepOmschrijving GroepCode",
        "cResultGetArtikelen": "ErrorMsg:cError Artikelen:ArrayOfCArtikel",
        "ArrayOfCArtikel": "cArtikel*:cArtikel",
        "cArtikel": "ArtikelID!:long ArtikelOmschrijving ArtikelCode GroepOmschrijving GroepCode Eenheid"
        " InkoopprijsExclBTW!:decimal VerkoopprijsExclBTW!:decimal VerkoopprijsInclBTW!:decimal BTWCode"
        " TegenrekeningCode BtwPercentage!:decimal KostenplaatsID!:long Actief!:boolean",
    }.items()
}

ENUMERATIONS: dict[str, tuple[str, ...]] = {
    "enMutatieSoorten": (
        "OpeningsSaldo",
        "FactuurOntvangen",
        "FactuurVerstuurd",
        "FactuurbetalingOntvangen",
        "FactuurbetalingVerstuurd",
        "GeldOntvangen",
        "GeldUitgegeven",
        "Memoriaal",
    ),
    "enOpenpostenSoort": ("Debiteuren", "Crediteuren"),
}


@dataclass(frozen=True)
class Operation:
    """One call of the service: what it takes and the type of its result (None: an empty answer)."""

    name: str
    request: tuple[Field, ...]
    result: str | None

    @property
    def action(self) -> str:
        """The SOAPAction of this call."""
        return f"{NAMESPACE}/{self.name}"


def _operation(name: str, request: str, result: str | None) -> Operation:
    return Operation(name, _fields(request), result)


def _in_session(name: str, payload: str = "", result: str | None = None) -> Operation:
    return _operation(name, f"SessionID SecurityCode2 {payload}", result or f"cResult{name}")


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        _in_session("GetAdministraties"),
        _in_session("GetSaldo", "cFilter:cSaldoFilter"),
        _in_session("GetSaldi", "cFilter:cSaldiFilter"),
        _in_session("AddFactuur", "oFact:cFactuur"),
        _in_session("GetFacturen", "cFilter:cFactuurFilter"),
        _in_session("AddMutatie", "oMut:cMutatie"),
        _in_session("GetMutaties", "cFilter:cMutatieFilter"),
        _in_session("AddGrootboekrekening", "oGb:cGrootboekrekening"),
        # the two Update calls answer a bare cError: their own quirk
        _in_session("UpdateGrootboekrekening", "oGb:cGrootboekrekening", "cError"),
        _in_session("GetGrootboekrekeningen", "cFilter:cGrootboekrekeningFilter"),
        _in_session("AddRelatie", "oRel:cRelatie"),
        _in_session("UpdateRelatie", "oRel:cRelatie", "cError"),
        _in_session("GetRelaties", "cFilter:cRelatieFilter"),
        _in_session("GetOpenPosten", "OpSoort!:enOpenpostenSoort"),
        _operation("OpenSession", "Username SecurityCode1 SecurityCode2 Source", "cResultOpenSession"),
        _operation(
            "OpenSessionSub",
            "Username SecurityCode1 SecurityCode2 Source AdministratieGUID",
            "cResultOpenSession",
        ),
        _operation("CloseSession", "SessionID", None),
        _operation("AutoLogin", "Username SessionID SecurityCode2", "cResultAutoLogin"),
        _in_session("GetKostenplaatsen", "cFilter:cKostenplaatsFilter"),
        _in_session("GetArtikelen", "cFilter:cArtikelFilter"),
    )
}
