import type { Finding } from '../policy/verdict.js';
import type { Exemptions } from './exemptions.js';
import type { PromptClassifier, PromptFindings } from './prompt-classifier.js';

/** Makes a classifier of whole texts respect exemptions: it is asked again without the words that are exempt from what it found. */
export class ExemptingClassifier implements PromptClassifier {
  private readonly classifier: PromptClassifier;

  constructor(classifier: PromptClassifier) {
    this.classifier = classifier;
  }

  get classifiers(): readonly string[] {
    return this.classifier.classifiers;
  }

  get calibration(): string | undefined {
    return this.classifier.calibration;
  }

  async classify(prompt: string, exemptions?: Exemptions): Promise<PromptFindings> {
    const { findings, isStrict } = await this.classifier.classify(prompt);
    const left = findings.map(async (finding) => {
      const rest = finding.severity > 0 ? exemptions?.takenOut(prompt, finding.category) : undefined;
      return rest === undefined ? finding : await this.without(finding, rest);
    });
    return { findings: await Promise.all(left), isStrict };
  }

  async close(): Promise<void> {
    await this.classifier.close?.();
  }

  /** What of a finding is left in the rest of its prompt: never more than in the whole. */
  private async without(finding: Finding, rest: string): Promise<Finding> {
    const { findings } = await this.classifier.classify(rest);
    const [left] = findings.filter(({ category, severity }) => category === finding.category && severity < finding.severity);
    return left ?? finding;
  }
}
