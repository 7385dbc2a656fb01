import type { z } from 'zod';
import type { User } from '../model/user.ts';
import { UserAttributes, userAttributeNames } from '../model/user-attributes.ts';

/** Parameters for what is known of a person; $Null or nothing between quotes takes an attribute away. */
export const userAttributeParameters = Object.fromEntries(
  userAttributeNames.map(name => {
    const schema = UserAttributes.shape[name];
    return [
      name,
      schema
        .unwrap()
        .nullable()
        .optional()
        .describe(schema.description ?? ''),
    ];
  }),
) as Record<keyof UserAttributes, z.ZodOptional<z.ZodNullable<z.ZodString>>>;

/** A user with the attributes that are given; others stay. */
export function withAttributes<U extends Pick<User, 'attributes'>>(
  user: U,
  given: { readonly [name in keyof UserAttributes]?: string | null | undefined },
): U {
  const attributes: Record<string, string> = { ...user.attributes };
  for (const name of userAttributeNames) {
    const value = given[name];
    if (value === undefined) continue;
    if (value === null || value === '') delete attributes[name];
    else attributes[name] = value;
  }
  const { attributes: _, ...rest } = user;
  return (Object.keys(attributes).length === 0 ? rest : { ...rest, attributes }) as U;
}
