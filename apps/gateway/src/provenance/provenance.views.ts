import { ManifestState, type VerifyResponse } from '@darkroom/contracts';
import { type ProvenanceReportBody, pictureReceiptBody, type SignatureState } from '@darkroom/contracts/http';

const states = new Map<ManifestState, SignatureState>([
  [ManifestState.MANIFEST_STATE_NONE, 'none'],
  [ManifestState.MANIFEST_STATE_VALID, 'valid'],
  [ManifestState.MANIFEST_STATE_UNTRUSTED, 'untrusted'],
  [ManifestState.MANIFEST_STATE_INVALID, 'invalid'],
  [ManifestState.MANIFEST_STATE_OTHER_ISSUER, 'other_issuer'],
]);

/** Longest text of a stranger's manifest that an answer repeats. */
const longestShown = 200;

/** Turns what was found of a picture's origin into the API's words. */
export function viewProvenance(found: VerifyResponse): ProvenanceReportBody {
  const { issuer, problems, mark, markFitsReceipt } = found;
  // What a newer service tells that this one does not know is nothing to rely on.
  const signed = states.get(found.manifest) ?? 'invalid';
  const isSigned = signed === 'valid' || signed === 'untrusted';
  const isMarked = mark?.detected === true;
  const receipt = receiptOf(found.receiptJson);
  return {
    object: 'provenance_report',
    verdict: verdicts[signed][isMarked ? 'marked' : 'unmarked'] + (receipt && markFitsReceipt === false ? strangeReceipt : ''),
    is_ours: isSigned || isMarked,
    signed,
    ...(issuer !== '' && { issuer: issuer.slice(0, longestShown) }),
    problems: problems.map((problem) => problem.slice(0, longestShown)),
    watermark: {
      detected: isMarked,
      score: mark?.score ?? 0,
      threshold: mark?.threshold ?? 0,
      false_positive_rate: mark?.falsePositiveRate ?? 0,
      ...(mark?.payload !== undefined && { payload: mark.payload.toString(16).padStart(8, '0') }),
    },
    ...(receipt && { receipt, receipt_source: isSigned ? ('manifest' as const) : ('text' as const) }),
    ...(receipt && markFitsReceipt !== undefined && { receipt_matches: markFitsReceipt }),
  };
}

/** Takes a receipt as far as it has the shape of ours: it may be a text that anybody wrote. */
function receiptOf(json: string): ProvenanceReportBody['receipt'] {
  if (json === '') return undefined;
  const parsed = pictureReceiptBody.safeParse(JSON.parse(json));
  return parsed.success ? parsed.data : undefined;
}

const strangeReceipt = ' Its receipt does not belong to these pixels.';

const intact = 'This picture was made here: its signature is ours, and the file has not changed since.';
const development = `${intact} The certificate was made for development, so nobody else can check it.`;

const verdicts: Readonly<Record<SignatureState, Readonly<Record<'marked' | 'unmarked', string>>>> = {
  valid: { marked: intact, unmarked: intact },
  untrusted: { marked: development, unmarked: development },
  invalid: {
    marked:
      'This picture was probably made here: our invisible mark is in its pixels. Its manifest does not hold, because the file was changed after it was signed.',
    unmarked:
      'This picture can not be told to be ours: it has a manifest that does not hold, because the file was changed after it was signed, and our invisible mark was not found.',
  },
  other_issuer: {
    marked: 'This picture was probably made here, since our invisible mark is in its pixels; but somebody else has signed it.',
    unmarked: 'This picture is not known to be ours: somebody else has signed it, and our invisible mark was not found.',
  },
  none: {
    marked:
      'This picture was probably made here: our invisible mark is in its pixels. It has no manifest, which is lost when a picture is saved anew.',
    unmarked:
      'Nothing says that this picture is ours: it has no manifest, and our invisible mark was not found. That does not prove that it was made elsewhere, or without a model.',
  },
};
