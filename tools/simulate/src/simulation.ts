import { aloneSeconds, deviceSeconds, guidancePasses, passesPerImage } from '@darkroom/contracts';
import { seededRandom } from '@darkroom/testing/red-team';
import { Admission } from './admission.js';
import { Fleet, type FleetOptions } from './fleet/fleet.js';
import type { Replica } from './fleet/replica.js';
import type { Scaler } from './fleet/scalers.js';
import { secondsLeft, type WorkItem } from './fleet/work-item.js';
import { FairnessMeter } from './measures/fairness.js';
import { Ledger } from './measures/ledger.js';
import type { Ordering } from './orders.js';
import type { Outcome, Sample } from './outcome.js';
import type { JobOrder } from './queue/job-order.js';
import { RankedHeap } from './ranked-heap.js';
import type { SimulatedRequest } from './request.js';
import { passCosts, type StepTimes } from './step-times.js';

/** What is simulated. */
export interface SimulationOptions extends FleetOptions {
  readonly requests: Iterable<SimulatedRequest>;
  readonly times: StepTimes;
  readonly ordering: Ordering;
  readonly scaler: Scaler;
  /** Seconds that admission lets wait, foreseeing deadlines as well; undefined lets all in. */
  readonly admissionSeconds?: number | undefined;
  /** Hears how the fleet is, each time that the scaler looks. */
  readonly onSample?: (sample: Sample) => void;
}

/** What happens at a moment. */
type Event =
  | { readonly kind: 'pass'; readonly replica: Replica }
  | { readonly kind: 'ready'; readonly replica: Replica }
  | { readonly kind: 'begin'; readonly replica: Replica }
  | { readonly kind: 'lost'; readonly replica: Replica; readonly hasNotice: boolean }
  | { readonly kind: 'done'; readonly replica: Replica; readonly item: WorkItem }
  | { readonly kind: 'back'; readonly item: WorkItem }
  | { readonly kind: 'look' };

/** Arrivals are counted in spans of so many seconds, and so many are looked back at, as the autoscaler does. */
const [spanSeconds, spansKept] = [15, 60];

/** A lost worker's jobs are noticed when their locks have run out: 6 to 9 s. */
const lockSeconds = 7.5;

/** Steps between checkpoints. */
const checkpointEvery = 5;

/** The whole platform under a virtual clock, from a request's arrival to its end. */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #costs;
  readonly #queue: JobOrder;
  readonly #fleet: Fleet;
  readonly #admission: Admission | undefined;
  readonly #events = new RankedHeap<Event>();
  readonly #waiting = new Map<string, WorkItem>();
  /** Begun and put back: they come before all others. */
  readonly #returned: WorkItem[] = [];
  readonly #fairness = new FairnessMeter();
  readonly #ledger = new Ledger();
  readonly #random: () => number;
  readonly #spans: number[] = Array(spansKept).fill(0);
  #spanEnd = spanSeconds;
  #spanSum = 0;
  #arrivedSinceSample = 0;
  #alive = 0;
  #now = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#costs = passCosts(options.times);
    this.#queue = options.ordering.makeQueue();
    this.#fleet = new Fleet(options, this.#costs);
    this.#random = seededRandom(options.seed);
    if (options.admissionSeconds !== undefined) {
      this.#admission = new Admission(options.admissionSeconds, options.times, options.concurrency);
    }
  }

  /** Runs until all that was asked for has ended. */
  run(): Outcome {
    for (const replica of this.#fleet.begin()) this.#ready(replica);
    this.#schedule(this.#options.pollSeconds, { kind: 'look' });
    const requests = this.#options.requests[Symbol.iterator]();
    let next = requests.next();
    while (next.done !== true || this.#alive > 0) {
      const arrival = next.done === true ? Number.POSITIVE_INFINITY : next.value.atSeconds;
      if (arrival <= this.#events.firstRank) {
        this.#advance(arrival);
        this.#arrive(next.value as SimulatedRequest);
        next = requests.next();
      } else {
        this.#advance(this.#events.firstRank);
        this.#happen(this.#events.take() as Event);
      }
    }
    return this.#ledger.outcome(this.#now, this.#fleet, this.#fairness);
  }

  #advance(nowSeconds: number): void {
    this.#now = nowSeconds;
    this.#fairness.advance(nowSeconds);
    while (nowSeconds >= this.#spanEnd) {
      this.#spans.shift();
      this.#spans.push(this.#spanSum);
      this.#spanSum = 0;
      this.#spanEnd += spanSeconds;
    }
  }

  #schedule(atSeconds: number, event: Event): void {
    this.#events.add(atSeconds, event);
  }

  #happen(event: Event): void {
    switch (event.kind) {
      case 'pass':
        this.#afterPass(event.replica);
        break;
      case 'ready':
        this.#ready(event.replica);
        break;
      case 'begin':
        if (event.replica.isIdle && !event.replica.isGone) this.#begin(event.replica);
        break;
      case 'lost':
        this.#lose(event.replica, event.hasNotice);
        break;
      case 'done':
        this.#done(event.replica, event.item);
        break;
      case 'back':
        this.#returned.push(event.item);
        this.#feed();
        break;
      case 'look':
        this.#look();
    }
  }

  #arrive(request: SimulatedRequest): void {
    const { times } = this.#options;
    const seconds = deviceSeconds(request, times.passTimes);
    const limits = this.#admission?.limits(request, this.#fleet.replicas);
    const deadlineAtSeconds = request.atSeconds + request.deadlineSeconds;
    const job = { ...request, seconds, urgency: request.priority, deadlineAtSeconds };
    const secondsAhead = this.#admission === undefined ? Number.POSITIVE_INFINITY : (limits?.secondsAhead ?? -1);
    if (this.#queue.admit(job, { secondsAhead, jobs: Number.POSITIVE_INFINITY }) !== 'admitted') {
      this.#ledger.refused();
      return;
    }
    const passes = passesPerImage(request);
    const images = Array.from({ length: request.imageCount }, (_, i) => ({ planId: `${request.id}/${i}`, left: passes }));
    const bucket = this.#costs.bucketOf(request.width * request.height);
    this.#waiting.set(request.id, {
      request,
      seconds,
      passes,
      rows: guidancePasses(request.guidanceScale),
      bucket,
      images,
      deadlineAtSeconds,
    });
    this.#alive += 1;
    this.#spanSum += seconds;
    this.#arrivedSinceSample += seconds;
    this.#fairness.wanted(request.tenantId, seconds);
    this.#feed();
  }

  /** Hands waiting jobs to replicas that have room, in turns, as blocked readers of a queue are served. */
  #feed(): void {
    const { ordering, concurrency } = this.#options;
    while (this.#returned.length > 0 || this.#queue.jobs > 0) {
      const replica = this.#fleet.offered();
      if (replica === undefined) return;
      const item = this.#takeNext();
      const view = ordering.view(item.request, item.seconds);
      if (view.deadlineAtSeconds !== undefined && view.deadlineAtSeconds <= this.#now) {
        this.#fleet.offer(replica);
        this.#giveUp(item);
        continue;
      }
      replica.join(item, view, this.#now);
      if (replica.taken < concurrency) this.#fleet.offer(replica);
      // What comes at one moment starts together.
      if (replica.isIdle) this.#schedule(this.#now, { kind: 'begin', replica });
    }
  }

  #takeNext(): WorkItem {
    const back = this.#returned.shift();
    if (back !== undefined) return back;
    const id = this.#queue.take() as string;
    const item = this.#waiting.get(id) as WorkItem;
    this.#waiting.delete(id);
    return item;
  }

  #begin(replica: Replica): void {
    const begun = replica.begin(this.#now);
    for (const item of begun.expired) {
      replica.taken -= 1;
      this.#giveUp(item);
    }
    if ('untilSeconds' in begun) {
      this.#ledger.pass(begun.untilSeconds - this.#now);
      this.#schedule(begun.untilSeconds, { kind: 'pass', replica });
    }
    if (begun.expired.length > 0) this.#fleet.offer(replica);
  }

  #afterPass(replica: Replica): void {
    if (replica.isGone) return;
    const made = replica.end((item, seconds) => this.#fairness.served(item.request.tenantId, seconds));
    for (const item of made) this.#schedule(this.#now + this.#options.times.otherSeconds, { kind: 'done', replica, item });
    this.#begin(replica);
    this.#feed();
  }

  #done(replica: Replica, item: WorkItem): void {
    // A generation whose worker was lost in its last stages is made again by whoever gets it; here it counts as done all the same.
    const alone = aloneSeconds(item.request, this.#options.times.passTimes) + this.#options.times.otherSeconds;
    this.#ledger.done(this.#now - item.request.atSeconds, item.request.deadlineSeconds, alone);
    this.#alive -= 1;
    replica.taken -= 1;
    if (replica.isGone) return;
    this.#fleet.offer(replica);
    this.#feed();
  }

  #giveUp(item: WorkItem): void {
    this.#alive -= 1;
    this.#fairness.givenUp(item.request.tenantId, secondsLeft(item));
    this.#ledger.expired();
  }

  #ready(replica: Replica): void {
    if (replica.isGone) return;
    replica.isReady = true;
    this.#fleet.offer(replica);
    const { spotLossesPerHour, crashesPerHour } = this.#options;
    const rate = spotLossesPerHour + crashesPerHour;
    if (rate > 0) {
      const after = (-Math.log(1 - this.#random()) / rate) * 3_600;
      this.#schedule(this.#now + after, { kind: 'lost', replica, hasNotice: this.#random() * rate < spotLossesPerHour });
    }
    this.#feed();
  }

  /**
   * Takes a replica away. A spot device gives notice, in which it hands its jobs on with checkpoints; of a process that crashes, jobs come
   * back when their locks have run out, at their last stored checkpoints.
   */
  #lose(replica: Replica, hasNotice: boolean): void {
    if (replica.isGone) return;
    this.#ledger.lost();
    for (const item of replica.abandon()) {
      if (!hasNotice) backToCheckpoint(item);
      this.#schedule(this.#now + (hasNotice ? 0 : lockSeconds), { kind: 'back', item });
    }
    this.#fleet.remove(replica, this.#now);
    this.#startMore(this.#fleet.missing);
  }

  #startMore(count: number): void {
    for (const replica of this.#fleet.start(count, this.#now)) {
      this.#schedule(this.#now + this.#options.coldStartSeconds, { kind: 'ready', replica });
    }
  }

  #look(): void {
    const { scaler, pollSeconds, onSample } = this.#options;
    const sight = this.#sight();
    this.#fleet.target = scaler.wants(sight);
    this.#startMore(this.#fleet.missing);
    // One that is told to stop hands its jobs on at once, with a checkpoint of the step that it has made.
    for (const replica of this.#fleet.surplus()) {
      this.#returned.push(...replica.abandon());
      this.#fleet.remove(replica, this.#now);
    }
    const { size, ready } = this.#fleet;
    const workSeconds = sight.queuedSeconds + sight.runningSeconds;
    onSample?.({ atSeconds: this.#now, replicas: size, ready, workSeconds, arriving: this.#arrivedSinceSample / pollSeconds });
    this.#arrivedSinceSample = 0;
    this.#schedule(this.#now + pollSeconds, { kind: 'look' });
    this.#feed();
  }

  #sight() {
    let runningSeconds = 0;
    let running = 0;
    for (const replica of this.#fleet.replicas) {
      runningSeconds += replica.secondsLeft;
      running += replica.items.size;
    }
    const returned = this.#returned.reduce((sum, item) => sum + secondsLeft(item), 0);
    return {
      nowSeconds: this.#now,
      queuedSeconds: this.#queue.seconds + returned,
      runningSeconds,
      jobs: this.#queue.jobs + this.#returned.length + running,
      ready: this.#fleet.ready,
      starting: this.#fleet.size - this.#fleet.ready,
      free: this.#options.mostReplicas - this.#fleet.size,
      spanSeconds,
      arrivals: this.#spans,
      generationSeconds: this.#ledger.meanAloneSeconds,
    };
  }
}

function backToCheckpoint({ images, passes }: WorkItem): void {
  for (const image of images) {
    const done = passes - image.left;
    image.left = passes - Math.floor(done / checkpointEvery) * checkpointEvery;
  }
}
