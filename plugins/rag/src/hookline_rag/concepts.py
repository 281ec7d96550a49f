"""Everyday words of customers' questions in several languages: "prix" in a table whose head says "Price".

Documents are often in one language and questions in several.  A word that no document holds is looked for in the
others' words for the same thing; names, products and numbers need no translation.  A lexicon, not a translator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .terms import fold

# A line is one thing: English first, then French, German, Spanish, Italian, Portuguese, Dutch, Hindi, Tamil.
_LINES = """
price cost costs fee charge rate prix coût coûte coûtent tarif tarifs frais preis preise kosten kostet gebühr gebühren precio precios coste cuesta cuestan costo tarifa prezzo costa costi preço preços custa custo prijs kost कीमत क़ीमत दाम मूल्य शुल्क खर्च விலை கட்டணம் செலவு
plan plans package tariff forfait forfaits abonnement abonnements formule tarif vertrag plan planes piano piani plano planos abbonamento abonnement प्लान योजना திட்டம்
bill invoice facture factures rechnung rechnungen factura facturas fattura bolletta fatura conta factuur बिल பில்
pay payment payer paiement payez bezahlen zahlen zahlung pagar pago pagos pagare pagamento pagamentos betalen betaling भुगतान செலுத்த கட்டணம்
contract contrat contrats vertrag verträge contrato contratos contratto contract अनुबंध ஒப்பந்தம்
cancel terminate end résilier résiliation annuler kündigen kündigung stornieren cancelar anular disdire annullare rescindir opzeggen annuleren रद्द ரத்து
delivery shipping livraison expédition lieferung versand entrega envío spedizione consegna envio levering verzending डिलीवरी டெலிவரி
return refund retour remboursement rembourser rückgabe rücksendung erstattung devolución reembolso reso rimborso devolução terugbetaling वापसी रिफंड
order commande commander bestellung bestellen pedido pedir ordine ordinare encomenda bestelling ऑर्डर ஆர்டர்
warranty guarantee garantie gewährleistung garantía garanzia garantia वारंटी गारंटी உத்தரவாதம்
account compte konto cuenta conto conta rekening खाता கணக்கு
password passwort kennwort contraseña senha wachtwoord पासवर्ड கடவுச்சொல்
phone telephone mobile téléphone portable telefon handy teléfono móvil telefono cellulare telefone celular telefoon फ़ोन फोन मोबाइल தொலைபேசி
number numéro nummer rufnummer número numero nummer नंबर எண்
address adresse anschrift dirección indirizzo endereço adres पता முகவரி
internet broadband fibre wifi fibra glasfaser breitband banda larga इंटरनेट ब्रॉडबैंड இணையம்
roaming itinérance itinerancia रोमिंग ரோமிங்
abroad étranger ausland extranjero estero exterior buitenland विदेश வெளிநாடு
insurance assurance versicherung seguro assicurazione verzekering बीमा காப்பீடு
loan credit prêt crédit darlehen kredit préstamo prestito empréstimo lening ऋण कर्ज लोन கடன்
interest intérêt intérêts zinsen zins interés interesse juros rente ब्याज வட்டி
savings épargne sparkonto ahorro ahorros risparmio poupança sparen बचत சேமிப்பு
card carte karte tarjeta carta cartão kaart कार्ड அட்டை
transfer virement überweisung transferencia bonifico transferência overschrijving ट्रांसफर பரிமாற்றம்
opening hours horaires ouverture öffnungszeiten horario horarios orari orario horário openingstijden समय நேரம்
shop store magasin boutique agence laden geschäft filiale tienda negozio loja winkel दुकान கடை
appointment rendez-vous termin cita appuntamento consulta afspraak अपॉइंटमेंट சந்திப்பு
damage damaged broken dommage cassé abîmé schaden beschädigt kaputt defekt dañado roto danneggiato rotto danificado beschadigd क्षति टूटा சேதம்
lost stolen perdu volé verloren gestohlen perdido robado perso rubato roubado verloren खोया चोरी தொலைந்த
discount remise réduction rabatt ermäßigung descuento sconto desconto korting छूट தள்ளுபடி
free gratuit gratuite kostenlos gratis gratuito grátis मुफ़्त मुफ्त இலவச
student étudiant étudiants studierende studenten student estudiante estudiantes studente studenti estudante छात्र மாணவர்
child children enfant enfants kind kinder niño niños bambino bambini criança kinderen बच्चा बच्चे குழந்தை
family famille familie familia famiglia família परिवार குடும்பம்
deadline period term délai durée frist laufzeit plazo duración scadenza durata prazo termijn अवधि காலம்
limit limite grenze höchstbetrag límite limiet सीमा வரம்பு
documents papers document pièces unterlagen dokumente documentos documenti documenten दस्तावेज़ दस्तावेज ஆவணங்கள்
complaint réclamation plainte beschwerde reklamation queja reclamación reclamo reclamação klacht शिकायत புகார்
change modify changer modifier ändern wechseln cambiar modificar cambiare mudar alterar wijzigen बदलना மாற்ற
activate activer aktivieren activar attivare ativar activeren सक्रिय செயல்படுத்த
block bloquer sperren bloquear bloccare blokkeren ब्लॉक தடை
data données daten datos dati dados gegevens डेटा தரவு
minute minutes minuten minuto minutos minuti मिनट நிமிடம்
month mois monat monate mes meses mese mesi mês maand महीना மாதம்
day days jour jours tag tage día días giorno giorni dia dias dag दिन நாள்
"""


def _read() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for line in _LINES.strip().splitlines():
        told = list(dict.fromkeys(map(fold, line.split())))
        for word in told:
            found.setdefault(word, {}).update(dict.fromkeys(one for one in told if one != word))
    return {word: tuple(others) for word, others in found.items()}


_KNOWN = _read()


def elsewhere(word: str) -> Sequence[str]:
    """Folded words of other languages, and near ones of the same, for what a folded word means; often none."""
    return _KNOWN.get(word, ())
