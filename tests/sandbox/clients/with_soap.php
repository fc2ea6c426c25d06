<?php
// PHP's own SoapClient: log in, write and read, over SOAP 1.1 or 1.2. Usage: php with_soap.php <url> <1.1|1.2>
[, $url, $version] = $argv;
$client = new SoapClient("$url?wsdl", [
    'soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1,
    'cache_wsdl' => WSDL_CACHE_NONE,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'location' => $url,
]);

function say(string $step, mixed $value): void
{
    echo str_pad($step, 28), json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE), "\n";
}

function code(object $result): string
{
    return (string) ($result->ErrorMsg->LastErrorCode ?? '');
}

try {
    $code2 = '0F0E0D0C-1111-4222-8333-444455556666';
    $credentials = ['Username' => 'demo', 'SecurityCode1' => '0123456789abcdef0123456789abcdef', 'SecurityCode2' => $code2];
    $opened = $client->OpenSession($credentials)->OpenSessionResult;
    $session = ['SessionID' => $opened->SessionID, 'SecurityCode2' => $code2];
    say('OpenSession', ['code' => code($opened), 'session' => preg_match('/^\{[0-9A-F-]{36}\}$/', $opened->SessionID) === 1]);

    $found = $client->GetAdministraties($session)->GetAdministratiesResult;
    say('GetAdministraties', array_map(fn ($one) => $one->Bedrijf, $found->Administraties->cAdministratie));

    $relation = [
        'ID' => 0, 'AddDatum' => '2026-11-22', 'Code' => "PHP$version", 'Bedrijf' => "Klant van PHP $version",
        'Gb_ID' => 0, 'GeenEmail' => 0, 'NieuwsbriefgroepenCount' => 0,
    ];
    $added = $client->AddRelatie($session + ['oRel' => $relation])->AddRelatieResult;
    say('AddRelatie', ['code' => code($added), 'id' => $added->Rel_ID > 0]);
    $relation['ID'] = $added->Rel_ID;
    $relation['Plaats'] = 'Hagewoud';
    $updated = $client->UpdateRelatie($session + ['oRel' => $relation])->UpdateRelatieResult;
    say('UpdateRelatie', ['code' => (string) ($updated->LastErrorCode ?? '')]);
    $found = $client->GetRelaties($session + ['cFilter' => ['Code' => $relation['Code'], 'ID' => 0]])->GetRelatiesResult;
    say('GetRelaties', array_map(fn ($one) => [$one->Bedrijf, $one->Plaats], $found->Relaties->cRelatie));

    $line = [
        'Aantal' => 2.5, 'Code' => 'ARBEID', 'Omschrijving' => 'Werk & materiaal <b>', 'PrijsPerEenheid' => 42.0,
        'BTWCode' => 'HOOG_VERK_21', 'TegenrekeningCode' => '8000', 'KostenplaatsID' => 0,
    ];
    $invoice = [
        'Factuurnummer' => "PHP$version-1", 'Relatiecode' => $relation['Code'], 'Datum' => '2026-11-22',
        'Betalingstermijn' => 14, 'Factuursjabloon' => 'Factuursjabloon', 'PerEmailVerzenden' => false,
        'AutomatischeIncasso' => false, 'IncassoMachtigingDatumOndertekening' => '2026-11-22',
        'IncassoMachtigingFirst' => false, 'InBoekhoudingPlaatsen' => false, 'Regels' => ['cFactuurRegel' => [$line]],
    ];
    foreach (['AddFactuur', 'AddFactuur (again)'] as $title) {
        $posted = $client->AddFactuur($session + ['oFact' => $invoice])->AddFactuurResult;
        say($title, ['code' => code($posted), 'number' => $posted->Factuurnummer ?? '']);
    }
    $days = ['DatumVan' => '2026-01-01', 'DatumTm' => '2026-12-31'];
    $found = $client->GetFacturen($session + ['cFilter' => $days + ['Relatiecode' => $relation['Code']]])->GetFacturenResult;
    say('GetFacturen', array_map(fn ($one) => [
        $one->Factuurnummer, $one->Relatiecode, $one->TotaalExclBTW, $one->TotaalBTW,
        $one->Regels->cFactuurRegel[0]->Omschrijving,
    ], $found->Facturen->cFactuurList));
    $found = $client->GetOpenPosten($session + ['OpSoort' => 'Debiteuren'])->GetOpenPostenResult;
    say('GetOpenPosten', ['code' => code($found)]);

    $client->CloseSession(['SessionID' => $session['SessionID']]);
    say('GetArtikelen (closed)', ['code' => code($client->GetArtikelen($session + ['cFilter' => []])->GetArtikelenResult)]);
    $credentials['SecurityCode1'] = 'x';
    say('OpenSession (wrong code 1)', ['code' => code($client->OpenSession($credentials)->OpenSessionResult)]);
} catch (Throwable $error) {
    echo 'FAILED ', $error->getMessage(), "\n";
    exit(1);
}
