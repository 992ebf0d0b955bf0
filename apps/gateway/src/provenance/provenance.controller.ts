import { type ProvenanceReportBody, parseStrictly, provenanceFields } from '@darkroom/contracts/http';
import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { EditForms } from '../edits/edit-forms.js';
import { Neighbours } from '../neighbours/neighbours.js';
import { notTheirFault } from '../neighbours/not-their-fault.js';
import { viewProvenance } from './provenance.views.js';

/** Tells whether a picture was made here. */
@Controller('v1/provenance')
export class ProvenanceController {
  private readonly forms: EditForms;
  private readonly neighbours: Neighbours;

  constructor(forms: EditForms, neighbours: Neighbours) {
    this.forms = forms;
    this.neighbours = neighbours;
  }

  @Post('verify')
  @HttpCode(200)
  async verify(@Req() http: FastifyRequest): Promise<ProvenanceReportBody> {
    return await this.forms.read(http, async ({ fields, image, mask }) => {
      parseStrictly(provenanceFields, mask === undefined ? fields : { ...fields, mask });
      const found = await this.neighbours.provenance.verify({ image }).catch((error: unknown) => {
        throw notTheirFault(error, ['invalid_argument'], 'pictures can not be looked at at the moment');
      });
      return viewProvenance(found);
    });
  }
}
