import type { GenerationBody } from '@darkroom/contracts/http';
import type { UsageLine } from '../ledger.js';
import type { Observation, ReadGeneration } from './observation.js';
import type { Testimony, ToldGeneration, Violation } from './testimony.js';

/** Compares what clients were told with what there is, and returns all that is wrong. */
export function audit(testimony: Testimony, observed: Observation): Violation[] {
  const lines = Map.groupBy(observed.ledger, ({ generation_id }) => generation_id);
  const ofGenerations = [...observed.generations].flatMap(([id, read]) =>
    [
      readable(id, read, observed),
      oneEnd(id, read.body, testimony.generations.get(id)),
      ...imagesAsTold(id, read, testimony.generations.get(id)),
      chargedOnce(id, read.body, lines.get(id) ?? []),
    ].filter((violation) => violation !== undefined),
  );
  return [
    ...testimony.violations,
    ...ofGenerations,
    ...alike(testimony, observed),
    ...askedFor(testimony, observed),
    ...givenBack(observed),
  ];
}

function readable(id: string, { body }: ReadGeneration, { listed }: Observation): Violation | undefined {
  const fault = 'told of, but not to be read or listed';
  if (body === undefined) return { fault, subject: id, why: 'GET answers 404' };
  if (!listed.has(id)) return { fault, subject: id, why: 'it is not in the list' };
  return undefined;
}

function oneEnd(id: string, body: GenerationBody | undefined, told: ToldGeneration | undefined): Violation | undefined {
  if (body === undefined) return undefined;
  const fault = 'in no final state, or in more than one';
  if (['queued', 'running', 'cancelling'].includes(body.status)) return { fault, subject: id, why: `it is ${body.status}` };
  const ends = new Set([...(told?.ends ?? []), endOf(body)]);
  return ends.size === 1 ? undefined : { fault, subject: id, why: `it was told to be ${[...ends].join(' and ')}` };
}

function imagesAsTold(id: string, { body, images }: ReadGeneration, told: ToldGeneration | undefined): Violation[] {
  if (body?.status !== 'succeeded') return [];
  const wrong = (why: string): Violation => ({ fault: 'images not as told', subject: id, why });
  const wanted = told?.parameters?.n ?? images.length;
  const size = `${body.receipt?.width}x${body.receipt?.height}`;
  return [
    ...(images.length === 0 || images.length !== wanted ? [wrong(`it has ${images.length} images of ${wanted}`)] : []),
    ...(told?.parameters !== undefined && told.parameters.size !== size ? [wrong(`its receipt says ${size}`)] : []),
    ...images.flatMap((image, index) => {
      if (image.status !== 200) return [wrong(`image ${index} is answered with ${image.status}`)];
      if (image.size !== size) return [wrong(`image ${index} is ${image.size}, not ${size}`)];
      const delivered = told?.images.get(index);
      return delivered === undefined || delivered === image.sha256
        ? []
        : [wrong(`image ${index} was delivered with other bytes`)];
    }),
  ];
}

/** What succeeded has one line for exactly what it took; what was cancelled may have one; nothing else is charged. */
function chargedOnce(id: string, body: GenerationBody | undefined, lines: readonly UsageLine[]): Violation | undefined {
  if (body === undefined) return undefined;
  const wrong = (why: string): Violation => ({ fault: 'charged wrongly', subject: id, why });
  const end = endOf(body);
  if (lines.length > 1) return wrong(`it has ${lines.length} lines in the ledger`);
  const [line] = lines;
  if (line === undefined) return end === 'succeeded' ? wrong('it succeeded and has no line in the ledger') : undefined;
  if (line.outcome !== end) return wrong(`it is ${end}, and in the ledger ${line.outcome}`);
  if (end !== 'succeeded') return undefined;
  if (line.compute_units !== body.usage?.compute_units)
    return wrong(`it used ${body.usage?.compute_units} compute units and is charged ${line.compute_units}`);
  return line.images === body.data?.length ? undefined : wrong(`it is charged for ${line.images} images`);
}

/** Image i of a generation is drawn from its seed plus i: the same image has the same bytes, whoever made it when. */
function alike(testimony: Testimony, { generations }: Observation): Violation[] {
  const digests = new Map<string, string>();
  const violations: Violation[] = [];
  for (const [id, { images }] of generations) {
    const parameters = testimony.generations.get(id)?.parameters;
    if (parameters === undefined) continue;
    for (const [index, { sha256 }] of images.entries()) {
      const name = JSON.stringify({ ...parameters, n: 1, seed: parameters.seed + index });
      if ((digests.get(name) ?? sha256) !== sha256)
        violations.push({
          fault: 'images not as told',
          subject: id,
          why: `image ${index} is unlike another of the same request`,
        });
      digests.set(name, sha256);
    }
  }
  return violations;
}

/** Only an attempt without a key that was not answered can have begun what no client knows of. */
function askedFor(testimony: Testimony, { generations }: Observation): Violation[] {
  const unknown = [...generations.keys()].filter((id) => !testimony.generations.has(id));
  if (unknown.length <= testimony.unanswered) return [];
  const why = `no client was told of it, nor of ${unknown.length - 1} others; ${testimony.unanswered} attempts were not answered`;
  return unknown.map((subject) => ({ fault: 'that nobody asked for', subject, why }));
}

function givenBack({ running, used, ledger }: Observation): Violation[] {
  const fault = 'still counted against limits';
  const charged = ledger.reduce((sum, line) => sum + line.compute_units, 0);
  return [
    ...(running === 0 ? [] : [{ fault, subject: 'concurrent_generations', why: `${running} are counted as going on` } as const]),
    ...(used === charged
      ? []
      : [{ fault, subject: 'compute_units_per_month', why: `${used} are used, ${charged} charged` } as const]),
  ];
}

function endOf({ status, error }: GenerationBody): string {
  return error?.code ?? status;
}
