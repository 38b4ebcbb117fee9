"""What the bodies of letters are likely to say, word for word: the preset dictionary of their compression.

A dictionary is part of the wire: it is never changed, since what was packed with it is read for ever. A better one gets
the next number beside it. zlib looks for what is nearest to the end first, so what is said most often stands last.
"""

_STAMP = '{"wall_ms":179,"trusted":true,"boot":"'
_BOOT = ',"monotonic_ms":'
_SEEN = '"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"'
_RARE = (
    '"type":"box-wiped","order":"","began":,"ended":,"lost":', '"type":"death","told":', '"type":"self-test","made":',
    ',"findings":[{"check":"","fine":true,"told":"', '{"check":"","fine":false,"told":"',
    '"type":"package-state","package":{"id":"","fingerprint":"","state":"installed"', '"failed","refused","removed',
    '"reason":"","remedy":"', '"type":"stop-explained","session":"","reason":"tired"',
    "pain sound disturbed dislike other",
    '"type":"lesson-read","lesson":"","version":1,"pages_read":,"pages":,"duration_s":,"opened":',
    '"type":"delivery-asked","delivery":"","asked":,"note":"', '"type":"delivery-received","delivery":"","received":',
    '"type":"message-from-patient","message":"","text":"","written":,"reply_to":"',
    '"type":"message-opened","message":"","opened":',
    '"type":"need","session":"","rule":"","offered":"","chosen":"offered"',
    '"kept"', '"left"', '"help"', '"type":"help","help":"","asked":,"rule":"","session":"',
    '"type":"order-received","order":"","accepted":true}', '"accepted":false,"reason":"expired"}',
    '"type":"form-answered","occasion":"","request":"","response":', '"answered_by":"relative"', '"with-relative"',
    '"carer"', '"after":"","day":', '"given_in":"', '"valueBoolean":true}]}', '"valueBoolean":false}]}',
    '"valueCoding":{"system":"urn:chevet:","code":"","display":"","extension":[{"url":',
    '"http://hl7.org/fhir/StructureDefinition/ordinalValue","valueDecimal":',
)  # fmt: skip
_STATE = (
    '{"alive":false,"boot":"","version":"0.', '{"alive":true,"boot":"","version":"0.1.0","equipment":{"at":', _STAMP,
    '"machine_ms":179', '},"every_s":900,"pending":0,"system":"Debian GNU/Linux 12 (bookworm)","free_mb":',
    ',"temperature_c":4', ',"kiosk":true,"player":true,"tested":{"made":', '},"fine":["', '"],"failed":["',
    '"]},"machine_off_ms":', ',"certificate_ms":18',
)  # fmt: skip
_HELLO = (
    '{"nonce":"","sent":', '},"keeps":[{"stream":"kiosk","epoch":"","last":1},{"stream":"link","epoch":"","last":',
    '}],"orders_through":179', ',"plan_serial":179', ',"former":{"boot":"","sent_monotonic_ms":',
    ',"received_monotonic_ms":', ',"server_ms":179',
)  # fmt: skip
_ACKS = (
    '"ranges":[{"first":,"last":}],"held":[{"first":,"last":}]', '},{"first":', ',"last":',
    '{"acks":[{"ledger":"","serial":,"stream":"link","epoch":"","through":,"server_ms":179', ',"nonce":"2.',
    '"},{"ledger":"', '{"acks":[{"ledger":"', '","serial":', ',"stream":"kiosk","epoch":"', '","through":',
    ',"server_ms":179', "}]}",
)  # fmt: skip
_LISTENING = (
    '"type":"listening","session":"', '","request":"', '","package":"', '","fingerprint":"',
    '","outcome":"interrupted"', '"outcome":"stopped"', '"outcome":"failed"', '"outcome":"heard_whole","started":',
    _STAMP, '"},"ended":', '},"rate_hz":48000,"frames_total":', ',"frames_played":', ',"frames_exact":false',
    ',"gaps":[{"at_frame":', ',"duration_ms":', '}],"gaps_total":', ',"gain_db":-', ',"cause":"power-lost',
    "kiosk-away device-lost package-damaged player-lost", '","level_dba":', ',"level_max_dba":', ',"dose_pa2h":0.',
    ',"dose_week_percent":0.', ',"sensitive":true', ',"calibration":"uncalibrated"', ',"level_changes":[{"at_frame":',
    '},{"at_frame":', ',"gain_db":-', '}],"level_changes_total":', ',"gain_start_db":-',
    ',"headphones_changes":[{"at_frame":0,"headphones":"in"}],"headphones_changes_total":1', '"headphones":"out"',
    '"headphones":"unknown"',
)  # fmt: skip
_EVALUATION = (
    '"content":{"type":"evaluation","session":"', '","request":"', '","moment":"before"', '"moment":"after"',
    ',"response":{"resourceType":"QuestionnaireResponse","questionnaire":"urn:chevet:questionnaire:',
    'cinq-cones|1","status":"stopped"', '"status":"completed","subject":{"reference":"Patient/',
    '"},"source":{"reference":"Patient/', '"},"source":{"reference":"RelatedPerson/of-',
    '"},"item":[{"linkId":"angoisse',
    '","answer":[{"valueInteger":1', '}]},{"linkId":"anxiete","answer":[{"valueInteger":', '}]},{"linkId":"douleur',
    f'{_SEEN}not-asked"}}]}}', '"}]},{"linkId":"agitation","answer":[{"valueInteger":',
    '}]},{"linkId":"plaisir","answer":[{"valueInteger":', f'}}]}},{{"linkId":"commentaire{_SEEN}asked-declined',
    '"}]}]},"asked":', '}]},{"linkId":"commentaire","answer":[{"valueString":"', '"}]}]},"asked":', ',"delay_s":',
    ',"answered_by":"self"', _STAMP, _BOOT,
)  # fmt: skip
_REPORT = (
    '},"patient":"', '","plan":"', '","plan_version":1}', '{"id":"', '","identity":{"box":"box-', '","stream":"link"',
    '","stream":"kiosk","epoch":"', '","seq":', '},"recorded":{"wall_ms":179', ',"trusted":false',
    ',"trusted":true,"boot":"',
    '","monotonic_ms":', ',"machine_ms":179', '},"content":{"type":"',
)  # fmt: skip

DICTIONARIES = {1: "".join((*_RARE, *_STATE, *_HELLO, *_LISTENING, *_ACKS, *_EVALUATION, *_REPORT)).encode()}
"""By number."""
