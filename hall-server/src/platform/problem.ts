/** What is wrong with a value from outside, in words a sender can act on. */
import type { TLocalizedValidationError } from 'typebox/error';

export interface Problem {
  /** JSON pointer of the field at fault; '' is the value itself. */
  readonly field: string;
  readonly expected: string;
}

const pointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The first problem a schema found. Words of closed lists are listed; the sender's own text is never repeated. */
export function problemOf(errors: readonly TLocalizedValidationError[]): Problem {
  const first = errors.find(({ keyword }) => keyword !== 'anyOf') ?? errors[0];
  if (!first) return { field: '', expected: 'a valid value' };
  if (first.keyword === 'required') {
    const [missing = ''] = (first.params as { requiredProperties: string[] }).requiredProperties;
    return { field: `${first.instancePath}/${pointer(missing)}`, expected: 'a value; the field is required' };
  }
  // A schema of `false` stands only where a closed object has no such field.
  if (first.keyword === 'boolean') return { field: first.instancePath, expected: 'no such field' };
  if (first.keyword === 'const') {
    const allowed = errors
      .filter(({ keyword, instancePath }) => keyword === 'const' && instancePath === first.instancePath)
      .map(({ params }) => String((params as { allowedValue: unknown }).allowedValue));
    return { field: first.instancePath, expected: `one of: ${allowed.join(', ')}` };
  }
  return { field: first.instancePath, expected: first.message };
}
