import type { components, paths } from './bank-api.ts'

/**
 * The routes of the bank for the client, from the OpenAPI document that the bank writes: `bank-api.ts` is
 * generated from it (`tools/apps`). A member missing from the document does not compile.
 */
export type Schemas = components['schemas']

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

type PathOf<Op> = Op extends { parameters: { path: infer Path } } ? { params: Path } : unknown
type QueryOf<Op> = Op extends { parameters: { query?: infer Query } }
  ? [Query] extends [undefined]
    ? unknown
    : Op extends { parameters: { query: unknown } }
      ? { query: Query }
      : { query?: Query }
  : unknown
type BodyOf<Op> = Op extends { requestBody: { content: infer Content } }
  ? Content extends { 'application/json': infer Json }
    ? { body: Json }
    : { body: Blob }
  : Op extends { requestBody?: { content: { 'application/json': infer Json } } }
    ? { body?: Json }
    : unknown
type AnswerOf<Op> = Op extends { responses: infer All }
  ? All[keyof All & (200 | 201 | 202)] extends { content: infer Content }
    ? Content extends { 'application/json': infer Json }
      ? Json
      : Blob
    : undefined
  : never

type RouteOf<Op> = PathOf<Op> & QueryOf<Op> & BodyOf<Op> & { answer: AnswerOf<Op> }

type Names<P extends keyof paths> = {
  [M in Method]: paths[P][M] extends { responses: unknown } ? `${Uppercase<M>} ${P}` : never
}[Method]

type OperationOf<Name extends string> = Name extends `${infer M} ${infer P}`
  ? P extends keyof paths
    ? paths[P][Lowercase<M> & Method]
    : never
  : never

/** `{ 'GET /v1/me': { answer: … }, … }` */
export type Routes = { [Name in { [P in keyof paths]: Names<P> }[keyof paths]]: RouteOf<OperationOf<Name>> }
