import { z } from 'zod';

const text = z
  .string()
  .trim()
  .max(256)
  .regex(/^\P{Cc}*$/u, 'expected text without control characters')
  .optional();

/**
 * What is known of a person beside the account. In Lync all of it is read from the directory; here an admin, or whoever brings users over from a
 * directory, writes it. Nothing decides by it.
 */
export const UserAttributes = z.object({
  externalId: text.describe('id of the user in the directory or system that users come from'),
  userPrincipalName: text.describe('name the user signs in to the directory with'),
  distinguishedName: text.describe('place of the account in the directory'),
  ou: text.describe('organizational unit of the account'),
  firstName: text.describe('first name'),
  lastName: text.describe('last name'),
  title: text.describe('job title'),
  department: text.describe('department'),
  company: text.describe('company'),
  office: text.describe('office'),
  phone: text.describe('phone number, for people to read'),
  mobilePhone: text.describe('mobile phone number, for people to read'),
  windowsEmailAddress: text.describe('mail address'),
  city: text.describe('city'),
  stateOrProvince: text.describe('state or province'),
  countryOrRegion: text.describe('country or region'),
});
export type UserAttributes = Readonly<z.infer<typeof UserAttributes>>;

/** Names of the attributes, in the order in which they are shown. */
export const userAttributeNames = Object.keys(UserAttributes.shape) as readonly (keyof UserAttributes)[];
