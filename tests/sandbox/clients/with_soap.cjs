// npm package "soap": log in, write and read, over SOAP 1.1 or 1.2. Usage: node with_soap.cjs <package> <url> <1.1|1.2>
const [, , library, url, version] = process.argv;
const soap = require(library);

const say = (step, value) => console.log(`${step.padEnd(28)}${JSON.stringify(value)}`);
const code = (result) => (result && result.ErrorMsg && result.ErrorMsg.LastErrorCode) || "";

async function main() {
  const client = await soap.createClientAsync(`${url}?wsdl`, { forceSoap12Headers: version === "1.2" });
  const port = client.soapApp[version === "1.2" ? "soapAppSoap12" : "soapAppSoap"];
  const call = (name, args) =>
    new Promise((resolve, reject) =>
      port[name](args, (error, answer) => (error ? reject(error) : resolve(answer && answer[`${name}Result`]))),
    );
  const [username, code1, code2] = ["demo", "0123456789abcdef0123456789abcdef", "0F0E0D0C-1111-4222-8333-444455556666"];
  const opened = await call("OpenSession", { Username: username, SecurityCode1: code1, SecurityCode2: code2 });
  const session = { SessionID: opened.SessionID, SecurityCode2: code2 };
  say("OpenSession", { code: code(opened), session: /^\{[0-9A-F-]{36}\}$/.test(opened.SessionID) });

  const administrations = await call("GetAdministraties", session);
  say("GetAdministraties", administrations.Administraties.cAdministratie.map((found) => found.Bedrijf));

  // this client sends what it is given: no ID, no AddDatum, in an order of its own
  const relation = { Bedrijf: `Klant van npm soap ${version}`, Code: `NPM${version}`, Plaats: "Hagewoud" };
  const added = await call("AddRelatie", { ...session, oRel: relation });
  say("AddRelatie", { code: code(added), id: Number(added.Rel_ID) > 0 });
  const again = await call("AddRelatie", { ...session, oRel: relation });
  say("AddRelatie (again)", { code: code(again) });
  const relations = await call("GetRelaties", { ...session, cFilter: { Code: relation.Code } });
  say("GetRelaties", relations.Relaties.cRelatie.map((found) => found.Bedrijf));

  const line = {
    Aantal: 2.5, Code: "ARBEID", Omschrijving: "Werk & materiaal <b>", PrijsPerEenheid: 42,
    BTWCode: "HOOG_VERK_21", TegenrekeningCode: "8000",
  };
  const invoice = {
    Factuurnummer: `NPM${version}-1`, Relatiecode: relation.Code, Datum: "2026-11-22", Betalingstermijn: 14,
    Factuursjabloon: "Factuursjabloon", Regels: { cFactuurRegel: [line] },
  };
  for (const title of ["AddFactuur", "AddFactuur (again)"]) {
    const posted = await call("AddFactuur", { ...session, oFact: invoice });
    say(title, { code: code(posted), number: posted.Factuurnummer || "" });
  }
  const invoices = await call("GetFacturen", { ...session, cFilter: { Relatiecode: relation.Code } });
  say("GetFacturen", invoices.Facturen.cFactuurList.map((found) => [
    found.Factuurnummer, found.TotaalExclBTW, found.TotaalBTW, found.Regels.cFactuurRegel[0].Omschrijving,
  ]));
  const accounts = await call("GetGrootboekrekeningen", { ...session, cFilter: { ID: 0, Categorie: "DEB" } });
  say("GetGrootboekrekeningen", accounts.Rekeningen.cGrootboekrekening.map((found) => found.Code));

  await call("CloseSession", { SessionID: session.SessionID });
  say("GetArtikelen (closed)", { code: code(await call("GetArtikelen", { ...session, cFilter: {} })) });
  const wrong = await call("OpenSession", { Username: username, SecurityCode1: "x", SecurityCode2: code2 });
  say("OpenSession (wrong code 1)", { code: code(wrong) });
}

main().catch((error) => {
  console.log(`FAILED ${error.message}`);
  process.exit(1);
});
