import type { ApiError, ErrorDetails, ProvenanceReport } from '@darkroom/client';

/** What went wrong in words for whoever sits before the page, and what to do about it. */
export interface Explanation {
  readonly title: string;
  readonly advice: string;
}

/** By the categories of the content policy. */
const refused: Readonly<Record<NonNullable<ErrorDetails['category']>, string>> = {
  child_safety: 'It reads as sexual content about children, which is never made.',
  sexual: 'It reads as nudity or sexual content. Describe the scene without them.',
  violence: 'It reads as graphic violence. Leave out killing, injuries, blood and weapons that are used on someone.',
  hate: 'It reads as hateful. Leave out slurs and symbols of hate.',
  self_harm:
    'It reads as self-harm. If you are struggling, please talk to someone you trust; findahelpline.com lists people to call.',
  illicit: 'It reads as instructions for something dangerous or illegal. Describe something else.',
  deception: 'It reads as a picture that would deceive people about someone real. Leave out the name, or what never happened.',
  trademarks: 'It reads as a forgery or a copy of something protected. Describe something of your own.',
};

/** Explains an error. */
export function explain({ code, message, category, param }: ApiError): Explanation {
  switch (code) {
    case 'content_policy_violation':
      return {
        title: param === null ? 'The picture was not shown' : 'This prompt was not accepted',
        advice: `${(category && refused[category]) ?? 'It goes against the content policy. Change the words and try again.'} Nothing was charged.`,
      };
    case 'unauthenticated':
      return { title: 'The key is not valid', advice: 'Enter another key; `npm run keys -- create` makes one.' };
    case 'rate_limited':
      return { title: 'Too much at once', advice: `${sentence(message)} Try again in a moment.` };
    case 'deadline_exceeded':
    case 'unavailable':
    case 'unreachable':
      return { title: 'The server can’t do this just now', advice: `${sentence(message)} Try again in a few seconds.` };
    case 'invalid_argument':
      return { title: 'Something in the settings does not fit', advice: sentence(message) };
    default:
      return { title: 'The picture failed', advice: `${sentence(message)} Trying again may help.` };
  }
}

/** What a picture's signature is worth, in words. */
export const signatureWords: Readonly<Record<ProvenanceReport['signed'], string>> = {
  valid: 'Ours, and unbroken.',
  untrusted: 'Ours, and unbroken; made with a certificate for development.',
  invalid: 'Broken: the file was changed after it was signed.',
  other_issuer: 'Unbroken, but not ours.',
  none: 'None.',
};

/** What a generation is doing, in words. */
export function stageWords(stage: string | undefined): string {
  return (
    { encode: 'Reading the prompt', denoise: 'Developing', decode: 'Fixing', moderate: 'Checking', store: 'Drying' }[
      stage ?? ''
    ] ?? 'Waiting'
  );
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
